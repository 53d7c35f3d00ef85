// Every built-in function. The list is the language's vocabulary: completion, docs and the checker read it.
import type { FunctionDefinition, FunctionTable } from './define-function.ts'
import { addKey } from './add-key.ts'
import { addPattern } from './add-pattern.ts'
import { adjustTimezone } from './adjust-timezone.ts'
import { aggCreate } from './agg-create.ts'
import { aggMetric } from './agg-metric.ts'
import { append } from './append.ts'
import { b64dec } from './b64dec.ts'
import { b64enc } from './b64enc.ts'
import { cacheGet } from './cache-get.ts'
import { cacheSet } from './cache-set.ts'
import { cast } from './cast.ts'
import { cidr } from './cidr.ts'
import { convTraceidW3cToDd } from './conv-traceid-w3c-to-dd.ts'
import { cover } from './cover.ts'
import { createPoint } from './create-point.ts'
import { datetime } from './datetime.ts'
import { decode } from './decode.ts'
import { defaultTimeWithFmt } from './default-time-with-fmt.ts'
import { defaultTime } from './default-time.ts'
import { deleteEntry } from './delete.ts'
import { dropKey } from './drop-key.ts'
import { dropOriginData } from './drop-origin-data.ts'
import { drop } from './drop.ts'
import { durationPrecision } from './duration-precision.ts'
import { exit } from './exit.ts'
import { formatInt } from './format-int.ts'
import { geoip } from './geoip.ts'
import { getKey } from './get-key.ts'
import { gjson } from './gjson.ts'
import { grok } from './grok.ts'
import { groupBetween } from './group-between.ts'
import { groupIn } from './group-in.ts'
import { hash } from './hash.ts'
import { httpRequest } from './http-request.ts'
import { jsonAll } from './json-all.ts'
import { json } from './json.ts'
import { kvSplit } from './kv-split.ts'
import { len } from './len.ts'
import { loadJson } from './load-json.ts'
import { lowercase } from './lowercase.ts'
import { match } from './match.ts'
import { mqueryReferTable } from './mquery-refer-table.ts'
import { nullif } from './nullif.ts'
import { parseDate } from './parse-date.ts'
import { parseDuration } from './parse-duration.ts'
import { parseInt } from './parse-int.ts'
import { pointWindow } from './point-window.ts'
import { ptKvsDel } from './pt-kvs-del.ts'
import { ptKvsGet } from './pt-kvs-get.ts'
import { ptKvsKeys } from './pt-kvs-keys.ts'
import { ptKvsSet } from './pt-kvs-set.ts'
import { ptName } from './pt-name.ts'
import { queryReferTable } from './query-refer-table.ts'
import { rename } from './rename.ts'
import { replace } from './replace.ts'
import { sample } from './sample.ts'
import { setMeasurement } from './set-measurement.ts'
import { setTag } from './set-tag.ts'
import { setopt } from './setopt.ts'
import { sliceString } from './slice-string.ts'
import { sqlCover } from './sql-cover.ts'
import { strfmt } from './strfmt.ts'
import { strlen } from './strlen.ts'
import { timestamp } from './timestamp.ts'
import { trim } from './trim.ts'
import { uppercase } from './uppercase.ts'
import { urlDecode } from './url-decode.ts'
import { urlParse } from './url-parse.ts'
import { use } from './use.ts'
import { userAgent } from './user-agent.ts'
import { validJson, vaildJson } from './valid-json.ts'
import { valueType } from './value-type.ts'
import { windowHit } from './window-hit.ts'
import { xml } from './xml.ts'

export const functionList: readonly FunctionDefinition[] = [
  addKey,
  addPattern,
  adjustTimezone,
  aggCreate,
  aggMetric,
  append,
  b64dec,
  b64enc,
  cacheGet,
  cacheSet,
  cast,
  cidr,
  convTraceidW3cToDd,
  cover,
  createPoint,
  datetime,
  decode,
  defaultTimeWithFmt,
  defaultTime,
  deleteEntry,
  dropKey,
  dropOriginData,
  drop,
  durationPrecision,
  exit,
  formatInt,
  geoip,
  getKey,
  gjson,
  grok,
  groupBetween,
  groupIn,
  hash,
  httpRequest,
  jsonAll,
  json,
  kvSplit,
  len,
  loadJson,
  lowercase,
  match,
  mqueryReferTable,
  nullif,
  parseDate,
  parseDuration,
  parseInt,
  pointWindow,
  ptKvsDel,
  ptKvsGet,
  ptKvsKeys,
  ptKvsSet,
  ptName,
  queryReferTable,
  rename,
  replace,
  sample,
  setMeasurement,
  setTag,
  setopt,
  sliceString,
  sqlCover,
  strfmt,
  strlen,
  timestamp,
  trim,
  uppercase,
  urlDecode,
  urlParse,
  use,
  userAgent,
  validJson,
  vaildJson,
  valueType,
  windowHit,
  xml,
]

/** By name. */
export const functions: FunctionTable = new Map(functionList.map((f) => [f.name, f]))
