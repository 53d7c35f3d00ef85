// The runner's own metrics, under the names that `datakit monitor` reads (spec points-io-http.md section 5).
import type { Counter, Gauge, Metrics } from '../kernel/metrics.ts'

export interface InputMetrics {
  readonly instances: Gauge<'input'>
  readonly crashes: Counter<'input'>
  readonly errors: Counter<'source' | 'category'>
  readonly lastErr: Gauge<'input' | 'source' | 'category' | 'error'>
}

export const inputMetrics = (metrics: Metrics): InputMetrics => ({
  instances: metrics.gauge('datakit_inputs_instance', 'Input instances that run', ['input']),
  crashes: metrics.counter('datakit_inputs_crash_total', 'Input crashes', ['input']),
  errors: metrics.counter('datakit_error_total', 'Errors by source', ['source', 'category']),
  lastErr: metrics.gauge('datakit_last_err', 'Unix time of the last error of an input', [
    'input',
    'source',
    'category',
    'error',
  ]),
})
