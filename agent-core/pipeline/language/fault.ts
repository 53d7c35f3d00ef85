// Faults of a script: syntax and check errors at load, runtime errors on a point. All print as
// `name:line:column: message` with one more `name:line:column:` line a level of the call chain.
import type { Source } from './source.ts'

export interface Position {
  readonly file: string
  readonly line: number
  readonly column: number
  /** UTF-16 offset in the file. */
  readonly offset: number
}

/** What a console, an API or a log gets to see of a fault. */
export interface ScriptError {
  readonly message: string
  /** Innermost first. */
  readonly chain: readonly Position[]
}

/**
 * Thrown by compiled code, caught once a point by the runner. No Error: a script may fail on every point and a stack
 * that nobody reads costs more than the script.
 */
export class ScriptFault {
  readonly message: string
  readonly places: { readonly source: Source; readonly offset: number }[]

  constructor(message: string, source: Source, offset: number) {
    this.message = message
    this.places = [{ source, offset }]
  }

  /** Adds the caller's place. */
  from(source: Source, offset: number): this {
    this.places.push({ source, offset })
    return this
  }

  copy(): ScriptFault {
    const copy = new ScriptFault(this.message, this.places[0]!.source, this.places[0]!.offset)
    copy.places.push(...this.places.slice(1))
    return copy
  }

  error(): ScriptError {
    return {
      message: this.message,
      chain: this.places.map(({ source, offset }) => ({
        file: source.name,
        offset,
        ...source.place(offset),
      })),
    }
  }
}

/** `name:line:column: message`, then a line a chain level. */
export function scriptErrorText(error: ScriptError): string {
  return error.chain
    .map(
      ({ file, line, column }, level) =>
        `${file}:${line}:${column}:${level === 0 ? ` ${error.message}` : ''}`,
    )
    .join('\n')
}
