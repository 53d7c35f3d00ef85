// What the configuration needs to know of a collector. `InputDefinition` of the inputs room fits.
import type { GenericSchema } from 'valibot'

export type Platform = 'linux' | 'darwin' | 'win32'

export interface InputEntry {
  /** The table's name under `inputs.` */
  readonly name: string
  readonly schema: GenericSchema
  /** Only the first instance runs. */
  readonly singleton: boolean
  readonly sample: string
  readonly platforms: readonly Platform[]
  /** Its ENV_* names begin with this and `_`; default `ENV_INPUT_<NAME>`. */
  readonly envPrefix?: string
}

export type InputRegistry = ReadonlyMap<string, InputEntry>

export type Environment = Readonly<Record<string, string | undefined>>
