// Which cloud this host is a machine of, from the provider's metadata service on a link-local address.
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '../../kernel/clock.ts'

/** Tags: instance_id, region, zone_id, instance_type, private_ip, cloud_provider, ... */
export type CloudTags = Readonly<Record<string, string>>

export interface CloudSettings {
  readonly cloud_meta_url: Readonly<Record<string, string>>
  readonly cloud_meta_token_url: Readonly<Record<string, string>>
  readonly enable_cloud_aws_imds_v2: boolean
}

interface Request {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}
/** The body of a 200; undefined for anything else: most machines are in no cloud. */
export type Ask = (url: string, request?: Request) => Promise<string | undefined>

interface Provider {
  readonly name: string
  readonly url: string
  /** Fields by tag, as far as they are known; without instance_id it is another provider or none. */
  read(base: string, ask: Ask, settings: CloudSettings): Promise<Record<string, string | undefined>>
}

/** A service that answers one value a path. */
function valuesByPath(name: string, url: string, paths: Readonly<Record<string, string>>): Provider {
  return {
    name,
    url,
    read: (base, ask) => readPaths(base, paths, ask),
  }
}

/** The instance first: whoever does not know it need not be asked for the rest. */
async function readPaths(
  base: string,
  { instance_id, ...paths }: Readonly<Record<string, string>>,
  ask: Ask,
): Promise<Record<string, string | undefined>> {
  const id = await ask(`${base}/${instance_id}`)
  if (!id) return {}
  const found = await Promise.all(
    Object.entries(paths).map(async ([tag, path]) => [tag, await ask(`${base}/${path}`)] as const),
  )
  return { instance_id: id, ...Object.fromEntries(found) }
}

const AWS_PATHS = {
  instance_id: 'instance-id',
  instance_type: 'instance-type',
  security_group_id: 'security-groups',
  private_ip: 'local-ipv4',
  zone_id: 'placement/availability-zone-id',
  region: 'placement/region',
}

const aws: Provider = {
  name: 'aws',
  url: 'http://169.254.169.254/latest/meta-data',
  async read(base, ask, settings) {
    const headers = settings.enable_cloud_aws_imds_v2 ? await imdsToken(ask, settings) : {}
    const found = await readPaths(base, AWS_PATHS, (url) => ask(url, { headers }))
    // Others answer at the same address, but have no such zone.
    return found.zone_id ? found : {}
  },
}

async function imdsToken(ask: Ask, settings: CloudSettings): Promise<Record<string, string>> {
  const url = settings.cloud_meta_token_url['aws'] ?? 'http://169.254.169.254/latest/api/token'
  const token = await ask(url, {
    method: 'PUT',
    headers: { 'X-aws-ec2-metadata-token-ttl-seconds': '21600' },
  })
  return token ? { 'X-aws-ec2-metadata-token': token } : {}
}

const AZURE_VERSION = 'api-version=2021-02-01'
const azure: Provider = {
  name: 'azure',
  url: 'http://169.254.169.254/metadata/instance',
  async read(base, ask) {
    const headers = { Metadata: 'true' }
    const { compute } = parse<{ compute?: Record<string, string> }>(
      await ask(`${base}?${AZURE_VERSION}`, { headers }),
    )
    if (!compute?.['vmId']) return {}
    const address = 'network/interface/0/ipv4/ipAddress/0/privateIpAddress'
    return {
      instance_id: compute['vmId'],
      instance_name: compute['name'],
      instance_type: compute['vmSize'],
      region: compute['location'],
      zone_id: compute['zone'],
      private_ip: await ask(`${base}/${address}?${AZURE_VERSION}&format=text`, { headers }),
    }
  },
}

interface OpenStackNetwork {
  networks?: { type?: string }[]
  links?: { local_ipv4?: string }[]
}

const hwcloud: Provider = {
  name: 'hwcloud',
  url: 'http://169.254.169.254/latest/meta-data',
  async read(base, ask) {
    const openStack = new URL('/openstack/latest/', base).href
    const meta = parse<Record<string, string>>(await ask(`${openStack}meta_data.json`))
    // Any OpenStack answers here; only this one has region_id.
    if (!meta['uuid'] || !meta['region_id']) return {}
    const network = parse<OpenStackNetwork>(await ask(`${openStack}network_data.json`))
    return {
      instance_id: meta['uuid'],
      instance_name: meta['name'],
      instance_type: meta['instance_type'],
      region: meta['region_id'],
      zone_id: meta['availability_zone'],
      instance_network_type: joined(network.networks?.map((n) => n.type)),
      private_ip: joined(network.links?.map((l) => l.local_ipv4)),
      security_group_id: await ask(`${base}/security-groups`),
    }
  },
}

const volcengine: Provider = {
  name: 'volcengine',
  url: 'http://100.96.0.96/latest',
  async read(base, ask) {
    const found = await readPaths(
      base,
      {
        instance_id: 'instance_id',
        instance_name: 'hostname',
        instance_type: 'instance_type_id',
        instance_charge_type: 'payment/charge_type',
        private_ip: 'private_ipv4',
        zone_id: 'availability_zone',
        region: 'region_id',
        mac: 'mac',
      },
      ask,
    )
    const { mac, ...tags } = found
    if (!mac) return tags
    return {
      ...tags,
      security_group_id: await ask(`${base}/network/interfaces/macs/${mac}/security_group_ids`),
    }
  },
}

/** In the order in which they are believed. */
export const PROVIDERS: readonly Provider[] = [
  valuesByPath('aliyun', 'http://100.100.100.200/latest/meta-data', {
    instance_id: 'instance-id',
    instance_type: 'instance/instance-type',
    instance_network_type: 'network-type',
    private_ip: 'private-ipv4',
    zone_id: 'zone-id',
    region: 'region-id',
  }),
  aws,
  valuesByPath('tencent', 'http://metadata.tencentyun.com/latest/meta-data', {
    instance_id: 'instance-id',
    instance_name: 'instance-name',
    instance_type: 'instance/instance-type',
    instance_charge_type: 'payment/charge-type',
    security_group_id: 'instance/security-group',
    private_ip: 'local-ipv4',
    zone_id: 'placement/zone',
    region: 'placement/region',
  }),
  azure,
  hwcloud,
  volcengine,
]

/**
 * The tags of this machine in its cloud; undefined outside of one.
 * @param wanted the provider when it is known, else all are asked at once
 * @param offline only addresses of cloud_meta_url are asked
 */
export async function cloudTags(
  settings: CloudSettings,
  ask: Ask,
  wanted: string | undefined,
  offline: boolean,
): Promise<CloudTags | undefined> {
  const asked = PROVIDERS.filter(({ name }) => wanted === undefined || name === wanted).map(
    async ({ name, url, read }): Promise<CloudTags | undefined> => {
      const own = settings.cloud_meta_url[name] ?? settings.cloud_meta_url[capitalised(name)]
      if (offline && !own) return undefined
      const tags = await read((own || url).replace(/\/+$/, ''), ask, settings)
      return tags['instance_id'] ? { cloud_provider: name, ...present(tags) } : undefined
    },
  )
  return (await Promise.all(asked)).find((tags) => tags !== undefined)
}

/** The sample of older versions writes `Hwcloud`. */
const capitalised = (name: string): string => name[0]!.toUpperCase() + name.slice(1)

/** One line each; `-` stands for unknown. */
function present(tags: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const lines = Object.entries(tags).map(([tag, value]) => [tag, value?.trim().replaceAll('\n', ' ') ?? ''])
  return Object.fromEntries(lines.filter(([, value]) => value !== '' && value !== '-')) as Record<
    string,
    string
  >
}

const joined = (texts: readonly (string | undefined)[] | undefined): string =>
  (texts ?? []).filter(Boolean).join(' ')

function parse<T extends object>(text: string | undefined): Partial<T> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

const TIMEOUT_MS = 3_000
const MAX_BODY = 64 * 1024

/** Asks without a proxy: link-local services are not behind one. Every request ends after 3 s or with the signal. */
export function metadataClient(clock: Clock, signal: AbortSignal): Ask {
  return (url, { method = 'GET', headers = {} } = {}) =>
    new Promise((resolve) => {
      let target: URL
      try {
        target = new URL(url)
      } catch {
        return resolve(undefined)
      }
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest
      const request = send(target, { method, headers, signal, agent: false })
      const timer = clock.after(TIMEOUT_MS, () => request.destroy())
      let body = ''
      const end = (value: string | undefined): void => {
        void timer.dispose()
        resolve(value)
      }
      request.on('error', () => end(undefined))
      request.on('close', () => end(undefined))
      request.on('response', (response) => {
        response.setEncoding('utf8')
        response.on('error', () => end(undefined))
        response.on('data', (chunk: string) => {
          body += chunk
          if (body.length <= MAX_BODY) return
          end(undefined)
          request.destroy()
        })
        response.on('end', () => end(response.statusCode === 200 ? body : undefined))
      })
      request.end()
    })
}
