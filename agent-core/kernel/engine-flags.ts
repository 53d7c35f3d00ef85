// How V8 runs the agent, set before any thread of it starts: flags are the process's own, and changing them while other
// threads run can end it.
import { setFlagsFromString } from 'node:v8'

export function setEngineFlags(): void {
  // This thread's young generation is as small as the command line asked, from here on for good. Threads to come keep to
  // their own limits, which the flag would outdo.
  setFlagsFromString('--max-semi-space-size=0')
  // Points of a batch live until it is encoded. V8 sees them survive, makes those to come in the old generation, and fills
  // it with what is dead a moment later: full collections, on the other core too, without end. It happens to one process
  // and not to the next, and a point costs up to 1.7 times as much then.
  setFlagsFromString('--no-allocation-site-pretenuring')
}
