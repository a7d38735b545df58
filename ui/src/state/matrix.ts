// What a matrix of environments says about a name, and what of it one environment lacks.

import type { MatrixRow, MatrixView } from '../ipc/types'

export const STANDS = ['missing', 'different', 'same'] as const
export type Stand = (typeof STANDS)[number]

/** How a name stands over all environments: what is missing somewhere is said before what differs. */
export function standOf({ cells }: MatrixRow): Stand {
  if (cells.some((cell) => cell === null)) return 'missing'
  return cells.every((cell) => cell?.group === cells[0]?.group) ? 'same' : 'different'
}

/** Equal letters in a row are equal values; the letter says nothing else. */
export function letter(group: number): string {
  return group <= 26 ? String.fromCharCode(64 + group) : String(group)
}

/** Names that `from` has and that `to` lacks or has otherwise. */
export function behind(view: MatrixView, from: string, to: string): string[] {
  const column = (bundle: string) => view.environments.findIndex((one) => one.bundle === bundle)
  const [source, target] = [column(from), column(to)]
  return view.rows.flatMap(({ name, cells }) => {
    const has = cells[source]
    return has && has.group !== cells[target]?.group ? [name] : []
  })
}
