// Names come from other people. What would reorder, hide or break a line is shown as its number.

const TREACHEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu

export function legible(name: string): string {
  return name.replace(TREACHEROUS, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`)
}
