// Local times in the locale's order, 24 hours, and the name of the zone for the hover.

export interface Times {
  /** 14:32:07 */
  clock(ms: number): string
  /** 14:32 */
  minute(ms: number): string
  /** 20 Nov 14:32:07 */
  dateClock(ms: number): string
  /** 20 Nov */
  day(ms: number): string
  /** The clock today, date and clock on other days. */
  recent(ms: number, now: number): string
  /** UTC+08:00, with the zone's name where the system gives one. */
  zone(ms: number): string
}

export function createTimes(locale: string, timeZone?: string): Times {
  const format = (options: Intl.DateTimeFormatOptions): ((ms: number) => string) => {
    const formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone, hourCycle: 'h23' })
    return (ms) => formatter.format(ms)
  }
  const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const minute = format({ hour: '2-digit', minute: '2-digit' })
  const day = format({ day: 'numeric', month: 'short' })
  const zoneName = new Intl.DateTimeFormat(locale, { timeZone }).resolvedOptions().timeZone
  const offset = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const dateClock = (ms: number): string => `${day(ms)} ${clock(ms)}`
  return {
    clock,
    minute,
    day,
    dateClock,
    recent: (ms, now) => (day(ms) === day(now) ? clock(ms) : dateClock(ms)),
    zone(ms) {
      const part = offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')
      const utc = (part?.value ?? 'GMT').replace('GMT', 'UTC')
      return zoneName && zoneName !== 'UTC' ? `${utc} ${zoneName}` : utc
    },
  }
}
