// sql_cover: the literals of an SQL text hidden.
import { MISSING } from '../language/point-view.ts'
import { valueText } from '../language/value.ts'
import { coverSql } from '../text/sql-cover.ts'
import { defineFunction } from './define-function.ts'

export const sqlCover = defineFunction({
  name: 'sql_cover',
  params: [{ name: 'key', kind: 'key' }],
  doc: {
    en: 'Hides the literals of an SQL text behind `?`, drops comments and aliases, and spaces it evenly.',
    zh: '将 SQL 文本中的字面量替换为 `?`，去掉注释和别名并统一空格。',
  },
  examples: [
    {
      script: 'sql_cover(q)',
      fields: { q: "select a from t where x='1'" },
      expect: { q: 'select a from t where x = ?' },
    },
  ],
  check: (call) => call.key(0),
  run(frame, key) {
    const found = key.read(frame)
    const covered = found === MISSING || found === undefined ? undefined : coverSql(valueText(found))
    if (covered !== undefined) frame.view.write(key.id, covered)
    return undefined
  },
})
