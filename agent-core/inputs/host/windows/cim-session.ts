// One PowerShell for all CIM queries of the agent: starting powershell.exe is what costs, not asking it. Queries go in
// as one line each, answers come back as one line each; a session that hangs or dies is replaced.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../../../kernel/clock.ts'
import type { Disposable } from '../../../kernel/disposable.ts'
import { AgentError } from '../../../kernel/errors.ts'

export interface CimQuery {
  /** Default root/cimv2. */
  readonly namespace?: string
  readonly className: string
  readonly properties: readonly string[]
  /** WQL condition without WHERE. */
  readonly filter?: string
}

/**
 * Values as text: integers are exact whatever their size, decimals use a point, dates are ISO 8601 in UTC, lists are
 * joined by commas. A property without a value is missing.
 */
export type CimRow = Readonly<Record<string, string>>

export interface Cim {
  /** Rejects with AgentError INPUT_SOURCE that names the class. */
  query(query: CimQuery): Promise<readonly CimRow[]>
}

export interface PowerShell {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  once(event: 'exit' | 'error', run: (detail: unknown) => void): unknown
  kill(): unknown
}

const TIMEOUT_MS = 15_000
/** A session that failed is not replaced sooner: a broken PowerShell must not be started every second. */
const PAUSE_MS = 30_000

/** Stands before each answer: a shell may print other things, even on the same line. */
const MARK = '@answer '

// PowerShell takes its commands from standard input line by line, so each statement is one line. Output has a writer of
// its own, because [Console]::OutputEncoding fails where there is no console; input is plain ASCII.
const PRELUDE = [
  "$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'",
  '$culture=[Globalization.CultureInfo]::InvariantCulture',
  '$writer=New-Object IO.StreamWriter([Console]::OpenStandardOutput(),(New-Object Text.UTF8Encoding $false))',
  '$writer.AutoFlush=$true',
  [
    'function Text($value){',
    "if($value -is [datetime]){return $value.ToUniversalTime().ToString('o',$culture)};",
    "if($value -is [array]){return (($value|ForEach-Object{Text $_}) -join ',')};",
    'return [Convert]::ToString($value,$culture)}',
  ],
  [
    'function Row($instance,$names){$row=@{};',
    'foreach($name in $names){$value=$instance.$name;if($null -ne $value){$row[$name]=Text $value}};',
    'return $row}',
  ],
  [
    'function Ask($json){$query=$json|ConvertFrom-Json;',
    'try{$ask=@{Namespace=$query.namespace;ClassName=$query.className;Property=$query.properties;OperationTimeoutSec=10};',
    'if($query.filter){$ask.Filter=$query.filter};',
    '$rows=@(Get-CimInstance @ask|ForEach-Object{Row $_ $query.properties});$answer=@{id=$query.id;rows=$rows}}',
    'catch{$answer=@{id=$query.id;error=[string]$_.Exception.Message}};',
    `$writer.WriteLine('${MARK}'+(ConvertTo-Json -InputObject $answer -Compress -Depth 4))}`,
  ],
]
  .flatMap((statement) => (typeof statement === 'string' ? statement : statement.join('')))
  .map((line) => `${line}\n`)
  .join('')

export function startPowerShell(): PowerShell {
  const file = join(
    process.env['SystemRoot'] ?? 'C:\\Windows',
    'System32\\WindowsPowerShell\\v1.0\\powershell.exe',
  )
  return spawn(file, ['-NoProfile', '-NoLogo', '-InputFormat', 'Text', '-NoExit', '-Command', '-'], {
    windowsHide: true,
    stdio: 'pipe',
  })
}

/** One line that runs a query: PowerShell's single quotes are doubled, what is not ASCII is written as JSON escapes. */
function askLine(id: number, query: CimQuery): string {
  const json = JSON.stringify({ id, namespace: 'root/cimv2', ...query })
  const ascii = json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `Ask '${ascii.replaceAll("'", "''")}'\n`
}

interface Pending {
  readonly className: string
  readonly timer: Disposable
  resolve(rows: readonly CimRow[]): void
  reject(error: AgentError): void
}

export class CimSession implements Disposable {
  readonly #start: () => PowerShell
  readonly #pending = new Map<number, Pending>()
  #shell: PowerShell | undefined
  /** The last caller's; only its monotonic time is asked. */
  #clock: Clock | undefined
  #lastId = 0
  #notBefore = 0
  #disposed = false

  constructor(start: () => PowerShell = startPowerShell) {
    this.#start = start
  }

  /** @param clock the caller's own: the session outlives each of its callers, and a caller's clock ends with it. */
  query(query: CimQuery, clock: Clock): Promise<readonly CimRow[]> {
    const { className } = query
    if (this.#disposed) return Promise.reject(failure(className, 'the agent stops'))
    if (!this.#shell && clock.monotonic() < this.#notBefore)
      return Promise.reject(failure(className, 'PowerShell failed and is started again soon'))
    this.#clock = clock
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId
      const timer = clock.after(TIMEOUT_MS, () =>
        this.#fail(`PowerShell did not answer within ${TIMEOUT_MS / 1000} s`),
      )
      this.#pending.set(id, { className, timer, resolve, reject })
      this.#open().stdin.write(askLine(id, query))
    })
  }

  dispose(): void {
    this.#disposed = true
    this.#fail('the agent stops')
  }

  #open(): PowerShell {
    if (this.#shell) return this.#shell
    const shell = this.#start()
    const decoder = new StringDecoder('utf8')
    let rest = ''
    // Events of a shell that was given up say nothing about its successor.
    const whileOurs = (run: () => void) => (): void => {
      if (this.#shell === shell) run()
    }
    shell.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop()!
      if (this.#shell === shell) for (const line of lines) this.#answer(line)
    })
    // What a provider writes there concerns no query in particular; unread it would fill the pipe.
    shell.stderr.resume()
    shell.stdin.on(
      'error',
      whileOurs(() => this.#fail('PowerShell closed its input')),
    )
    shell.once(
      'error',
      whileOurs(() => this.#fail('PowerShell cannot be started')),
    )
    shell.once(
      'exit',
      whileOurs(() => this.#fail('PowerShell ended')),
    )
    shell.stdin.write(PRELUDE)
    this.#shell = shell
    return shell
  }

  #answer(line: string): void {
    const at = line.indexOf(MARK)
    if (at < 0) return
    let answer: { id?: number; rows?: readonly CimRow[]; error?: string }
    try {
      answer = JSON.parse(line.slice(at + MARK.length)) as typeof answer
    } catch {
      return
    }
    const pending = this.#pending.get(answer.id ?? 0)
    if (!pending) return
    this.#pending.delete(answer.id!)
    pending.timer.dispose()
    if (answer.rows) pending.resolve(answer.rows)
    else pending.reject(failure(pending.className, answer.error ?? 'no rows'))
  }

  /** Gives the session up; the next query after a pause starts a new one. */
  #fail(reason: string): void {
    const shell = this.#shell
    this.#shell = undefined
    this.#notBefore = (this.#clock?.monotonic() ?? 0) + PAUSE_MS
    for (const pending of this.#pending.values()) {
      pending.timer.dispose()
      pending.reject(failure(pending.className, reason))
    }
    this.#pending.clear()
    shell?.stdin.end('exit\n')
    shell?.kill()
  }
}

const failure = (className: string, reason: string): AgentError =>
  new AgentError('INPUT_SOURCE', `${className} (${reason})`)
