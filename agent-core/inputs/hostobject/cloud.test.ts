import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FakeClock, systemClock } from '../../kernel/clock.ts'
import { cloudTags, metadataClient, PROVIDERS, type CloudSettings } from './cloud.ts'

let server: Server
let origin: string
let seen: IncomingMessage[]
/** Path with query -> body. */
let answers: Record<string, string>
/** Paths that are not answered at all. */
let silent: Set<string>
let requireHeader: [string, string] | undefined

beforeEach(async () => {
  seen = []
  answers = {}
  silent = new Set()
  requireHeader = undefined
  server = createServer((request, response) => {
    seen.push(request)
    const body = answers[request.url!]
    if (silent.has(request.url!)) return
    const refused =
      requireHeader && request.method !== 'PUT' && request.headers[requireHeader[0]] !== requireHeader[1]
    if (body === undefined || refused) response.writeHead(refused ? 401 : 404).end('not here')
    else response.end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const settings = (rest: Partial<CloudSettings> = {}): CloudSettings => ({
  cloud_meta_url: {},
  cloud_meta_token_url: {},
  enable_cloud_aws_imds_v2: false,
  ...rest,
})
/** All providers at the fake, each below its own path where the wire allows it. */
function everywhere(): Record<string, string> {
  return Object.fromEntries(PROVIDERS.map(({ name }) => [name, `${origin}/${name}/`]))
}
const client = () => metadataClient(systemClock, new AbortController().signal)
const find = (rest: Partial<CloudSettings> = {}, wanted?: string) =>
  cloudTags(settings({ cloud_meta_url: everywhere(), ...rest }), client(), wanted, true)

const cases: Record<string, { answers: Record<string, string>; tags: Record<string, string> }> = {
  aliyun: {
    answers: {
      '/aliyun/instance-id': 'i-bp1',
      '/aliyun/instance/instance-type': 'ecs.g7.large',
      '/aliyun/network-type': 'vpc',
      '/aliyun/private-ipv4': '10.0.0.5\n',
      '/aliyun/zone-id': 'cn-hangzhou-h',
      '/aliyun/region-id': 'cn-hangzhou',
    },
    tags: {
      instance_id: 'i-bp1',
      instance_type: 'ecs.g7.large',
      instance_network_type: 'vpc',
      private_ip: '10.0.0.5',
      zone_id: 'cn-hangzhou-h',
      region: 'cn-hangzhou',
    },
  },
  aws: {
    answers: {
      '/aws/instance-id': 'i-0abc',
      '/aws/instance-type': 'm6i.large',
      '/aws/security-groups': 'default\nweb',
      '/aws/local-ipv4': '172.31.0.9',
      '/aws/placement/availability-zone-id': 'use1-az4',
      '/aws/placement/region': 'us-east-1',
    },
    tags: {
      instance_id: 'i-0abc',
      instance_type: 'm6i.large',
      security_group_id: 'default web',
      private_ip: '172.31.0.9',
      zone_id: 'use1-az4',
      region: 'us-east-1',
    },
  },
  tencent: {
    answers: {
      '/tencent/instance-id': 'ins-1',
      '/tencent/placement/zone': 'ap-1-2',
      '/tencent/instance-name': '-',
    },
    tags: { instance_id: 'ins-1', zone_id: 'ap-1-2' },
  },
  azure: {
    answers: {
      '/azure?api-version=2021-02-01': JSON.stringify({
        compute: { vmId: 'v-1', name: 'box', vmSize: 'Standard_D2s_v3', location: 'westeurope', zone: '' },
      }),
      '/azure/network/interface/0/ipv4/ipAddress/0/privateIpAddress?api-version=2021-02-01&format=text':
        '10.1.0.4',
    },
    tags: {
      instance_id: 'v-1',
      instance_name: 'box',
      instance_type: 'Standard_D2s_v3',
      region: 'westeurope',
      private_ip: '10.1.0.4',
    },
  },
  hwcloud: {
    answers: {
      '/openstack/latest/meta_data.json': JSON.stringify({
        uuid: 'u-1',
        name: 'ecs-1',
        region_id: 'cn-north-4',
        availability_zone: 'cn-north-4a',
      }),
      '/openstack/latest/network_data.json': JSON.stringify({
        networks: [{ type: 'ipv4_dhcp' }],
        links: [{ local_ipv4: '192.168.0.7' }, {}],
      }),
    },
    tags: {
      instance_id: 'u-1',
      instance_name: 'ecs-1',
      region: 'cn-north-4',
      zone_id: 'cn-north-4a',
      instance_network_type: 'ipv4_dhcp',
      private_ip: '192.168.0.7',
    },
  },
  volcengine: {
    answers: {
      '/volcengine/instance_id': 'i-ybv',
      '/volcengine/hostname': 'iv-1',
      '/volcengine/mac': '00:16:3e:01',
      '/volcengine/network/interfaces/macs/00:16:3e:01/security_group_ids': 'sg-1',
      '/volcengine/region_id': 'cn-beijing',
    },
    tags: { instance_id: 'i-ybv', instance_name: 'iv-1', security_group_id: 'sg-1', region: 'cn-beijing' },
  },
}

describe('providers', () => {
  test.each(Object.keys(cases))('%s is recognised among all of them', async (name) => {
    answers = cases[name]!.answers
    expect(await find()).toEqual({ cloud_provider: name, ...cases[name]!.tags })
    const azure = seen.filter((request) => request.url!.startsWith('/azure'))
    expect(azure.map((request) => request.headers.metadata)).toEqual(azure.map(() => 'true'))
  })

  test('a known provider alone is asked', async () => {
    answers = { ...cases.tencent!.answers, ...cases.aliyun!.answers }
    expect(await find({}, 'tencent')).toMatchObject({ cloud_provider: 'tencent' })
    expect(seen.every((request) => request.url!.startsWith('/tencent/'))).toBe(true)
  })

  test('AWS with a session token', async () => {
    answers = { ...cases.aws!.answers, '/token': 'secret' }
    requireHeader = ['x-aws-ec2-metadata-token', 'secret']
    const tokens = { enable_cloud_aws_imds_v2: true, cloud_meta_token_url: { aws: `${origin}/token` } }
    expect(await find(tokens, 'aws')).toMatchObject({ instance_id: 'i-0abc' })
    const put = seen.find((request) => request.method === 'PUT')!
    expect(put.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('21600')
  })

  test.each([
    ['nobody answers', {}],
    ['AWS without a zone id is none', { '/aws/instance-id': 'i' }],
    ['an OpenStack of somebody else', { '/openstack/latest/meta_data.json': '{"uuid":"u"}' }],
    [
      'an answer that is no JSON',
      { '/azure?api-version=2021-02-01': '<html>', '/openstack/latest/meta_data.json': '1' },
    ],
  ])('%s: no cloud', async (_, known) => {
    answers = known
    expect(await find()).toBeUndefined()
  })
})

describe('the client', () => {
  test('gives up after 3 s', async () => {
    silent.add('/slow')
    const clock = new FakeClock()
    const answer = metadataClient(clock, new AbortController().signal)(`${origin}/slow`)
    await once(server, 'request')
    await clock.advance(3_000)
    expect(await answer).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test('ends with the collector', async () => {
    silent.add('/slow')
    const stop = new AbortController()
    const clock = new FakeClock()
    const answer = metadataClient(clock, stop.signal)(`${origin}/slow`)
    await once(server, 'request')
    stop.abort()
    expect(await answer).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test.each([
    ['an endless body', () => `${origin}/big`],
    ['a status other than 200', () => `${origin}/none`],
    ['a port where nobody listens', () => 'http://127.0.0.1:1/'],
    ['what is no address', () => 'not an address'],
  ])('%s is no answer', async (_, url) => {
    answers['/big'] = 'x'.repeat(100_000)
    expect(await client()(url())).toBeUndefined()
  })
})
