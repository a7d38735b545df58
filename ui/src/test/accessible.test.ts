import { describe, expect, test } from 'vitest'
import { openScreens } from './screens'
import { violations } from './window'

describe('axe finds nothing', () => {
  for (const { name, open } of openScreens) {
    test(name, async () => {
      await open()
      expect(await violations()).toEqual([])
    })
  }
})
