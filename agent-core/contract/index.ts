// What a console may call. Both ends parse with these schemas.
import { chartsContract } from './charts.ts'
import { overviewContract } from './overview.ts'
import { pipelinesContract } from './pipelines.ts'
import { settingsContract } from './settings.ts'
import { tapContract } from './tap.ts'

export const contract = {
  ...tapContract,
  ...overviewContract,
  ...chartsContract,
  ...settingsContract,
  ...pipelinesContract,
} as const
export type AgentContract = typeof contract

export type * from './overview.ts'
export type * from './charts.ts'
export type * from './settings.ts'
export type * from './pipelines.ts'
export type * from './tap.ts'
export type * from './messages.ts'
export type { DiagnosticView } from './common.ts'
