import { describe, expect, it } from 'vitest'
import { electionTags, firstUnicastAddress, hostName, hostTags } from './host-tags.ts'
import { loadMainConfig } from './main-config.ts'
import type { DatakitConfig } from './settings.ts'
import { withWorkdir } from './test-workdir.ts'

const config = (text: string): DatakitConfig =>
  withWorkdir({ 'conf.d/datakit.conf': text }, ({ layout }) => {
    return loadMainConfig(layout, { env: {}, platform: 'linux', cores: 1 }).config
  })
const facts = { hostname: 'h1', ip: '10.0.0.1', id: 'dk-1' }

describe('hostTags', () => {
  it('resolves the known values, with both prefixes and in any case', () => {
    const tags = config(`[global_host_tags]
      a = "__datakit_ip"
      b = "$DataKit_Hostname"
      c = "$datakit_id"
      d = "__datakit_uuid"
      e = "$HOME"
      f = "text"`)
    expect(hostTags(tags, {}, facts)).toEqual({
      a: '10.0.0.1',
      b: 'h1',
      c: 'dk-1',
      d: 'dk-1',
      e: '$HOME',
      f: 'text',
      host: 'h1',
    })
  })

  it('leaves out what is not known and forces host', () => {
    const tags = config('[global_host_tags]\nip = "$datakit_ip"\nid = "$datakit_id"\nhost = "mine"')
    expect(hostTags(tags, {}, { hostname: 'h1', ip: undefined, id: undefined })).toEqual({ host: 'h1' })
  })

  it('adds the cluster name unless it is configured', () => {
    const env = { ENV_CLUSTER_NAME_K8S: 'c1' }
    expect(hostTags(config(''), env, facts)).toEqual({ cluster_name_k8s: 'c1', host: 'h1' })
    const own = config('[global_host_tags]\ncluster_name_k8s = "mine"')
    expect(hostTags(own, env, facts)['cluster_name_k8s']).toBe('mine')
  })
})

describe('electionTags', () => {
  it('are those of the host while election is off', () => {
    expect(electionTags(config('[election]\ntags = {a = "1"}'), { host: 'h1' }, facts)).toEqual({
      host: 'h1',
    })
  })
  it('are their own while it is on, with the namespace if wanted', () => {
    const on = config(
      '[election]\nenable = true\nnamespace = "n"\nenable_namespace_tag = true\ntags = {a = "$datakit_ip"}',
    )
    expect(electionTags(on, { host: 'h1' }, facts)).toEqual({ a: '10.0.0.1', election_namespace: 'n' })
  })
})

describe('hostName', () => {
  it('is renamed by configuration, in a container by the node', () => {
    const env = { ENV_K8S_NODE_NAME: 'node' }
    expect(hostName(config(''), env, 'real')).toBe('real')
    expect(hostName(config(''), env, 'real', true)).toBe('node')
    expect(hostName(config('environments.ENV_HOSTNAME = "new"'), env, 'real', true)).toBe('new')
  })
})

const address = (address: string, internal = false) => ({
  address,
  internal,
  family: address.includes(':') ? ('IPv6' as const) : ('IPv4' as const),
  netmask: '',
  mac: '',
  cidr: null,
  ...(address.includes(':') ? { scopeid: 0 } : {}),
})

describe('firstUnicastAddress', () => {
  it('skips loopback and link-local, IPv4 first', () => {
    const interfaces = {
      lo: [address('127.0.0.1', true)],
      eth0: [address('fe80::1'), address('2001:db8::1'), address('169.254.1.1'), address('192.168.1.5')],
    } as Parameters<typeof firstUnicastAddress>[0]
    expect(firstUnicastAddress(interfaces)).toBe('192.168.1.5')
    expect(firstUnicastAddress({ lo: interfaces['lo'] })).toBeUndefined()
  })
})
