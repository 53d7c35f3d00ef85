// Console settings that belong to a person at this machine, and connecting a DataWay.
import * as v from 'valibot'
import { method } from './define.ts'
import { nothing } from './common.ts'

export const consoleSettings = v.object({
  theme: v.picklist(['system', 'light', 'dark']),
  language: v.picklist(['system', 'en', 'zh']),
  /** Desktop only: closing the window keeps collecting in the tray. */
  keepInTray: v.boolean(),
  firstRunDone: v.boolean(),
})
export type ConsoleSettings = v.InferOutput<typeof consoleSettings>

export const settingsContract = {
  'settings.read': method(nothing, consoleSettings),
  'settings.write': method(v.partial(consoleSettings), consoleSettings),
  /** Tries an address without saving it: name, TLS, token. */
  'dataway.test': method(
    v.strictObject({ url: v.string() }),
    v.object({
      ok: v.boolean(),
      latencyMs: v.nullable(v.number()),
      steps: v.array(
        v.object({
          name: v.picklist(['address', 'reach', 'token']),
          ok: v.nullable(v.boolean()),
          text: v.string(),
        }),
      ),
    }),
  ),
  /** Writes dataway.urls into datakit.conf as the smallest text patch and starts sending. */
  'dataway.save': method(v.strictObject({ url: v.string() }), nothing),
}
