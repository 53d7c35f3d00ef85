// What the swap collector emits.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const bytes = (desc: string): FieldInfo => ({ type: 'uint', unit: 'B', desc })

export const swapMeasurement: MeasurementInfo = {
  name: 'swap',
  category: 'metric',
  desc: 'Swap space; on Windows the commit charge, which includes what lies in memory.',
  tags: {},
  fields: {
    total: bytes('All swap.'),
    used: bytes('Swap in use.'),
    free: bytes('Free swap.'),
    used_percent: { type: 'float', unit: 'percent', desc: 'used of total.' },
    in: bytes('Read from swap since the start; Linux only, elsewhere 0.'),
    out: bytes('Written to swap since the start; Linux only, elsewhere 0.'),
  },
}
