// Metrics about the agent itself that `datakit monitor` shows (spec points-io-http.md section 5), read at each scrape.
import type { Clock } from './kernel/clock.ts'
import type { Metrics } from './kernel/metrics.ts'
import type { AgentIdentity } from './agent.ts'

export function registerRuntimeMetrics(
  metrics: Metrics,
  facts: AgentIdentity,
  clock: Clock,
  resourceLimit: () => string,
): void {
  const cpu = metrics.gauge(
    'datakit_cpu_usage',
    'CPU of the agent since the last scrape, percent of one core',
  )
  const memory = metrics.gauge('datakit_mem_stat', 'Memory of the agent, bytes', ['type'])
  const heap = metrics.gauge('datakit_golang_mem_usage', 'Heap of the agent, bytes', ['type'])
  const uptime = metrics.gauge('datakit_uptime_seconds', 'Seconds since the start', [
    'hostname',
    'version',
    'os_arch',
    'resource_limit',
    'lite',
    'docker',
    'auto_update',
    'build_at',
    'branch',
  ])
  let last = { at: clock.monotonic(), usage: process.cpuUsage() }
  metrics.beforeScrape(() => {
    const at = clock.monotonic()
    const usage = process.cpuUsage()
    if (at - last.at >= 1000) {
      const used = usage.user + usage.system - last.usage.user - last.usage.system
      cpu.set(used / 10 / (at - last.at))
      last = { at, usage }
    }
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
    memory.set({ type: 'rss' }, rss)
    memory.set({ type: 'vms' }, heapTotal + external)
    heap.set({ type: 'heap_alloc' }, heapUsed)
    heap.set({ type: 'total' }, heapTotal)
    uptime.reset()
    uptime.set(
      {
        hostname: facts.host,
        version: facts.version,
        os_arch: `${process.platform}/${facts.arch}`,
        resource_limit: resourceLimit(),
        lite: 'false',
        docker: 'no',
        auto_update: 'false',
        build_at: '',
        branch: '',
      },
      (clock.now() - facts.startedAt) / 1000,
    )
  })
}
