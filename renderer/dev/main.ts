// The console against an invented agent. ?state=failing|local|empty|first, ?theme=, ?lang= choose what it shows.
import { createMemoryBridge } from '../../agent-core/contract/memory-bridge.ts'
import { browserClock } from '../clock.ts'
import { startConsole } from '../start.ts'
import { inventedAgent } from './agent.ts'

const query = new URLSearchParams(location.search)
const bridge = createMemoryBridge(
  inventedAgent({
    clock: browserClock,
    state: query.get('state') ?? 'failing',
    theme: query.get('theme') === 'dark' ? 'dark' : 'light',
    language: query.get('lang') === 'zh' ? 'zh' : 'en',
  }),
)
Object.assign(window, { bridge })
startConsole({ bridge, clock: browserClock, mount: document.querySelector('#app')!, cspNonce: undefined })
