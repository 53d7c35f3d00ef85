// Global tags: host tags on non-election data, election tags on election data (spec points-io-http.md section 2.1).
import type { Tags } from '../point/add-tags.ts'

export interface GlobalTags {
  host: Tags
  election: Tags
}
