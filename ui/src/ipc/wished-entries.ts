// Names under which the pages know types of the program.

import type { EntryView } from './types'

export type {
  LeftOut,
  MadeUp as Generated,
  MatrixCell,
  MatrixRow,
  MatrixView,
  Promoted,
  RawEnvChange,
  RawEnvSaved,
  RawText as RawEnvText,
  Recipe,
  ShownCode as OneTimeCode,
} from './types'

export type Described = EntryView & { author?: string | null }
