//! Table `pack`: packs whose sealed versions stand nowhere else.

use team::ids::OpId;

use super::row_key::ByOp;
use super::{Found, RootRow, Writer, find_named};
use crate::frame::Columns;
use crate::root::Table;
use crate::{Vault, VaultError};

/// The pack of an op that is void, or waits. That of any other op is put together from its
/// versions: [`Vault::sealed_by_op`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// The op that cites it.
    pub op: OpId,
    /// Its bytes as they came.
    pub bytes: Vec<u8>,
}

impl RootRow for Pack {
    const TABLE: Table = Table::Pack;
    const COLUMNS: &'static str = "op, bytes";
    const INDEXED: bool = true;

    fn visit(&self, columns: &mut impl Columns) {
        columns.bytes(self.op.as_bytes());
        columns.bytes(&self.bytes);
    }

    fn read(row: &Found<'_>) -> Result<Self, VaultError> {
        Ok(Self {
            op: OpId::from_bytes(row.array(0)?),
            bytes: row.bytes(1)?.to_vec(),
        })
    }
}

impl Writer<'_> {
    pub(crate) async fn remove_packs(&mut self, ops: &[OpId]) -> Result<(), VaultError> {
        let names: Vec<ByOp> = ops.iter().copied().map(ByOp).collect();
        self.remove::<Pack, _>(&names).await?;
        Ok(())
    }
}

impl Vault {
    /// The stored pack of an op.
    pub async fn pack(&mut self, op: &OpId) -> Result<Option<Vec<u8>>, VaultError> {
        let name = |row: &Pack| ByOp(row.op);
        let found = find_named(&mut self.connection, &[ByOp(*op)], name).await?;
        Ok(found.into_iter().next().map(|row| row.bytes))
    }
}
