// The agent's log: pino with in-process streams (a transport would start a worker from a file path, which breaks
// packaging), size rotation, a level that changes while running, and secrets masked before a line is written.
import { pino, type DestinationStream } from 'pino'
import type { Disposable } from './disposable.ts'
import { maskSecrets } from './secrets.ts'
import { RotatingFile } from './rotating-file.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to each line. */
  child(fields: LogFields): Logger
}

export interface LogSettings {
  /** Absolute path, or "stdout". */
  readonly path: string
  readonly level: LogLevel
  /** MB a file, and how many old files stay. */
  readonly rotateMb: number
  readonly backups: number
}

export interface RootLogger extends Logger, Disposable {
  setLevel(level: LogLevel): void
  /** Redirects to the configured file once the configuration is known; lines before stay in the old sink. */
  configure(settings: LogSettings): void
  /** Calls for each line written (JSON text). */
  listen(onLine: (line: string) => void): Disposable
}

export function createLogger(settings: LogSettings): RootLogger {
  let sink: DestinationStream & Partial<Disposable> = open(settings)
  const listeners = new Set<(line: string) => void>()
  const out: DestinationStream = {
    write(raw) {
      const line = maskSecrets(raw)
      sink.write(line)
      for (const listener of listeners) listener(line)
    },
  }
  const root = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    out,
  )
  const children = new Set<{ level: string }>([root])

  function wrap(target: typeof root): Logger {
    const line =
      (level: LogLevel) =>
      (message: string, fields?: LogFields): void =>
        fields ? target[level](fields, message) : target[level](message)
    return {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child(fields) {
        const child = target.child(fields)
        children.add(child)
        return wrap(child as typeof root)
      },
    }
  }

  return {
    ...wrap(root),
    setLevel(level) {
      for (const target of children) target.level = level
    },
    configure(next) {
      void sink.dispose?.()
      sink = open(next)
      for (const target of children) target.level = next.level
    },
    listen(onLine) {
      listeners.add(onLine)
      return { dispose: () => void listeners.delete(onLine) }
    },
    dispose: () => sink.dispose?.(),
  }
}

function open(settings: LogSettings): DestinationStream & Partial<Disposable> {
  if (settings.path === 'stdout') return { write: (line) => void process.stdout.write(line) }
  return new RotatingFile(settings.path, settings.rotateMb * 1024 * 1024, settings.backups)
}

/** For tests and rooms that log nothing. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
}
