// The datakit command line. Each command is imported when it is called, so that none pays for another.
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import type { TapArgs } from '../contract/tap.ts'
import { setEngineFlags } from '../kernel/engine-flags.ts'
import type { PipelineCommandOptions } from './pipeline.ts'
import type { BenchCommandOptions } from './pipeline-bench.ts'
import type { TestCommandOptions } from './pipeline-test.ts'
import type { BuildFacts } from './version.ts'

/** Go's DataKit leaves with 255 on every failure; scripts around it test for that. */
const FAILED = 255

setEngineFlags()

const root = join(import.meta.dirname, '../..')
// Saves a fifth of the CPU of a start. Beside the build, never in a shared temporary directory: it holds code.
enableCompileCache(join(root, 'out/.compile-cache'))

function buildFacts(): BuildFacts {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    version,
    commit: process.env['DATAKIT_COMMIT'] ?? '',
    builtAt: process.env['DATAKIT_BUILT_AT'] ?? '',
  }
}

function positive(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 on')
  return number
}

const program = new Command('datakit')
  .description('DataKit Desktop: collects from this machine and shows why there is no data')
  .exitOverride()
  .showHelpAfterError('See `datakit help`.')

program
  .command('run', { isDefault: true })
  .description('run the agent with its web console')
  .option('--workdir <dir>', 'work directory; default: the installed DataKit, else a directory of your own')
  .option('-C, --container', 'take the configuration from ENV_* only, for containers')
  .option('--console-port <port>', 'port of the console on 127.0.0.1; 0 picks a free one', '0')
  .option('--no-console', 'do not serve the console')
  .action(
    async (options: { workdir?: string; container?: boolean; consolePort: string; console: boolean }) => {
      const { runCommand } = await import('./run.ts')
      process.exitCode = await runCommand({
        workdir: options.workdir,
        container: options.container ?? false,
        consolePort: Number(options.consolePort),
        console: options.console,
        version: buildFacts().version,
        commit: buildFacts().commit,
        pages: join(root, 'out/renderer'),
      })
    },
  )

program
  .command('check')
  .description('check configuration')
  .option('--config', 'check the files under conf.d')
  .option('--config-dir <dir>', 'check this directory instead of conf.d')
  .option('--workdir <dir>', 'work directory')
  .action(async (options: { config?: boolean; configDir?: string; workdir?: string }) => {
    if (!options.config && !options.configDir) {
      console.error('Say what to check: datakit check --config')
      process.exitCode = FAILED
      return
    }
    const { checkCommand } = await import('./check.ts')
    process.exitCode = checkCommand(options) ? 0 : FAILED
  })

const pipeline = program
  .command('pipeline')
  .description('run a text through a pipeline script; test and benchmark scripts')
  .option('-C, --category <name>', 'category of the data', 'logging')
  .option('-N, --namespace <name>', 'default, gitrepo, confd or remote', 'default')
  .option('-P, --name <script>', 'script by name, or a path')
  .option('-T, --txt <text>', 'the text')
  .option('-F, --file <path>', 'file with the text')
  .option('-n, --count <points>', 'bench: how many points', positive)
  .option('--lanes <n>', 'bench: through so many worker threads', positive)
  .option('--tab', 'print a table')
  .option('--date', 'print the time as a date')
  .option('--log <path>', 'accepted for compatibility')
  .option('--workdir <dir>', 'work directory')
  .action(async (options: PipelineCommandOptions) => {
    const { pipelineCommand } = await import('./pipeline.ts')
    process.exitCode = (await pipelineCommand(options)) ? 0 : FAILED
  })

pipeline
  .command('test <files...>')
  .description('run saved cases, *.case.json of the studio or one JSON object a line; exit 1 when one fails')
  .action(async (files: string[]) => {
    const { pipelineTestCommand } = await import('./pipeline-test.ts')
    process.exitCode = (await pipelineTestCommand(files, pipeline.opts<TestCommandOptions>())) ? 0 : 1
  })

pipeline
  .command('bench')
  .description('time a script on the lines of a file: bench -P script.p -F lines.txt [-n N] [--lanes K]')
  .action(async () => {
    const { pipelineBenchCommand } = await import('./pipeline-bench.ts')
    process.exitCode = (await pipelineBenchCommand(pipeline.opts<BenchCommandOptions>())) ? 0 : FAILED
  })

program
  .command('tap')
  .description('show points of the running agent as they pass, as JSON lines')
  .option('--at <places>', 'collected, piped, filtered, queued, sent; several with commas', 'queued')
  .option('--category <names>', 'only these, with commas', '')
  .option('--filter <rule>', 'only what a rule matches, such as "{ source = \'nginx\' }"', '')
  .option('--rate <n>', 'points a second, 1 to 1000', '100')
  .option('--count <n>', 'end after so many points; 0: go on', '0')
  .option('--workdir <dir>', 'work directory of the agent')
  .action(
    async (options: {
      at: string
      category: string
      filter: string
      rate: string
      count: string
      workdir?: string
    }) => {
      const { tapCommand } = await import('./tap.ts')
      const words = (text: string): string[] =>
        text
          .split(',')
          .map((word) => word.trim())
          .filter(Boolean)
      const ended = await tapCommand({
        workdir: options.workdir,
        args: {
          places: words(options.at) as TapArgs['places'],
          categories: words(options.category),
          filter: options.filter,
          perSecond: Number(options.rate),
        },
        count: Number(options.count),
        out: process.stdout,
        complain: (text) => console.error(text),
      })
      process.exitCode = ended ? 0 : FAILED
    },
  )

program
  .command('import')
  .description('send recorded files to a DataWay, their times moved to now')
  .option('-P, --path <dir>', "the recorder's directory")
  .option('-D, --dataway <url>', 'address with token')
  .action(async (options: { path?: string; dataway?: string }) => {
    const { importCommand } = await import('./import.ts')
    process.exitCode = (await importCommand(options)) ? 0 : FAILED
  })

program
  .command('version')
  .description('show the version')
  .option('--upgrade-info-off', 'accepted for compatibility: this edition never asks the network here')
  .action(async () => {
    const { versionText } = await import('./version.ts')
    console.log(versionText(buildFacts()))
  })

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : FAILED
}
