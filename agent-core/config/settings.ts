// The table of datakit.conf: every key with default, ENV_* name, limits and description. The loader, the sample file, the
// reference page and the form come from it.
import {
  choice,
  decimal,
  flag,
  group,
  tags,
  text,
  textLists,
  texts,
  time,
  whole,
  type ValueOf,
} from './setting.ts'

/** Collectors that run when nothing is configured. */
const DEFAULT_INPUTS = [
  'cpu',
  'mem',
  'swap',
  'disk',
  'diskio',
  'net',
  'system',
  'host_processes',
  'hostobject',
  'dk',
] as const

const present = (name: string, gate?: string) => [
  { name, parse: 'present' as const, ...(gate ? { gate } : {}) },
]
const absent = (name: string) => [{ name, parse: 'absent' as const }]
const gated = (name: string, gate: string) => [{ name, gate }]

export const SETTINGS = {
  default_enabled_inputs: texts(
    DEFAULT_INPUTS,
    'Collectors that run with the settings of their sample until conf.d says otherwise. "-cpu" switches cpu off, even with a file for it.',
    {
      active: true,
      env: [
        { name: 'ENV_DEFAULT_ENABLED_INPUTS', parse: 'words' },
        { name: 'ENV_ENABLE_INPUTS', parse: 'words', old: true },
      ],
    },
  ),
  protect_mode: flag(true, 'Keeps intervals of collectors within limits that are safe for the machine.', {
    env: absent('ENV_DISABLE_PROTECT_MODE'),
  }),
  ulimit: whole(
    (facts) => ({ linux: 64_000, darwin: 10_240, win32: 0 })[facts.platform],
    'Most open files of the agent; 0 leaves the limit of the system.',
    {
      env: 'ENV_ULIMIT',
      defaultText: '64000 on Linux, 10240 on macOS, 0 on Windows',
    },
  ),
  datakit_user: text(
    (facts) => (facts.platform === 'win32' ? 'administrator' : 'root'),
    'Account of the service.',
    {
      defaultText: '"root", on Windows "administrator"',
    },
  ),
  name: text('', 'A label for this agent.', { env: 'ENV_NAME' }),
  auto_update: flag(false, 'Updates the agent when a newer version is out.'),
  enable_debug_fields: flag(false, 'Adds fields about the run of the pipeline to points.', {
    env: 'ENV_ENABLE_DEBUG_FIELDS',
  }),
  operator: text('', 'Base address of a DataKit operator that assigns elected collectors.', {
    env: 'ENV_DATAKIT_OPERATOR',
    envOnly: true,
  }),
  point_pool: group('Reuse of points in memory.', {
    enable: flag(false, 'Kept for old files; the desktop edition does not need it.', {
      env: absent('ENV_DISABLE_POINT_POOL'),
    }),
    reserved_capacity: whole(4096, 'Points kept for reuse.', { env: 'ENV_POINT_POOL_RESERVED_CAPACITY' }),
  }),
  environments: group('Values that the environment may give too.', {
    ENV_HOSTNAME: text('', 'Renames this host in all data.', { env: 'ENV_HOSTNAME' }),
  }),
  crypto: group('The key of ENC[aes://...] in collector files: 16, 24 or 32 bytes.', {
    aes_key: text('', 'The key itself; wins over aes_key_file.', { env: 'ENV_CRYPTO_AES_KEY', secret: true }),
    aes_key_file: text('', 'A file that holds the key.', { env: 'ENV_CRYPTO_AES_KEY_FILE' }),
  }),
  http_api: group('The HTTP API that takes data from other programs.', {
    listen: text('localhost:9529', 'Address and port, or an absolute path of a unix socket.', {
      env: 'ENV_HTTP_LISTEN',
    }),
    listen_socket: text('', 'One more unix socket (not on Windows).', { env: 'ENV_HTTP_LISTEN_SOCKET' }),
    public_apis: texts([], 'Paths open to other machines. Empty: every /v1/write/<category>.', {
      env: 'ENV_HTTP_PUBLIC_APIS',
    }),
    timeout: time('30s', 'A request that takes longer is answered with 408.', { env: 'ENV_HTTP_TIMEOUT' }),
    close_idle_connection: flag(false, 'Closes connections that send nothing for the time of `timeout`.', {
      env: present('ENV_HTTP_CLOSE_IDLE_CONNECTION'),
    }),
    request_rate_limit: decimal(
      100,
      'Requests a second for each client address and path; 0 switches the limit off.',
      {
        env: 'ENV_REQUEST_RATE_LIMIT',
      },
    ),
    request_rate_limit_ttl: time('60s', 'How long the count of a silent client is kept.', {
      env: 'ENV_REQUEST_RATE_LIMIT_TTL',
    }),
    request_rate_limit_burst: whole(500, 'Requests above the rate that pass at once.', {
      env: 'ENV_REQUEST_RATE_LIMIT_BURST',
    }),
    disable_404page: flag(false, 'Answers unknown paths without the help page.', {
      env: present('ENV_DISABLE_404PAGE'),
    }),
    rum_origin_ip_header: text('X-Forwarded-For', 'Header that names the address of a RUM client.', {
      env: 'ENV_RUM_ORIGIN_IP_HEADER',
    }),
    rum_app_id_white_list: texts([], 'RUM applications that may send; empty: all.', {
      env: 'ENV_RUM_APP_ID_WHITE_LIST',
    }),
    allowed_cors_origins: texts([], 'Origins that may call from a browser; empty: all.', {
      env: ['ENV_HTTP_ALLOWED_CORS_ORIGINS', { name: 'ENV_ALLOWED_CORS_ORIGINS', old: true }],
    }),
    tls: group('HTTPS, when both files are given.', {
      cert: text('', 'Certificate file (PEM).', { env: gated('ENV_HTTP_TLS_CRT', 'ENV_HTTP_ENABLE_TLS') }),
      privkey: text('', 'File of its private key (PEM).', {
        env: gated('ENV_HTTP_TLS_KEY', 'ENV_HTTP_ENABLE_TLS'),
      }),
    }),
  }),
  io: group('From collected points to packages.', {
    max_cache_count: whole(1000, 'Points that wait before they are packed ahead of time.', {
      env: [{ name: 'ENV_IO_MAX_CACHE_COUNT', least: 1000 }],
    }),
    flush_interval: time('10s', 'Points wait no longer than this.', { env: 'ENV_IO_FLUSH_INTERVAL' }),
    flush_workers: whole(0, 'Accepted, without effect: points are packed as they come.', {
      env: 'ENV_IO_FLUSH_WORKERS',
    }),
    feed_chan_size: whole(1, 'Accepted, without effect: who feeds waits until the points are written.', {
      env: 'ENV_IO_FEED_CHAN_SIZE',
    }),
    auto_timestamp_correction: flag(
      true,
      'Points more than two hours off get the present time and keep theirs in `__orig_time`.',
      {
        env: 'ENV_IO_AUTO_TIMESTAMP_CORRECTION',
      },
    ),
    filters: textLists(
      'Rules for each category that drop points. When given, no rules are pulled from the DataWay.',
      {
        env: 'ENV_IO_FILTERS',
      },
    ),
  }),
  dataway: group('Where data goes.', {
    urls: texts([], 'Addresses such as "https://host?token=tkn_...". Empty: data stays on this machine.', {
      env: 'ENV_DATAWAY',
      secret: true,
      active: true,
    }),
    timeout_v2: time('30s', 'Longest time of one request.', { env: 'ENV_DATAWAY_TIMEOUT' }),
    max_retry_count: whole(
      1,
      'Attempts of queries, labels and pulls, for network errors and 5xx answers; data is tried until it is taken.',
      {
        env: 'ENV_DATAWAY_MAX_RETRY_COUNT',
        clamp: { min: 1, max: 10 },
      },
    ),
    retry_delay: time('1s', 'First wait between attempts; it doubles.', { env: 'ENV_DATAWAY_RETRY_DELAY' }),
    http_proxy: text('', 'Proxy for the DataWay: http://host:port.', {
      env: 'ENV_DATAWAY_HTTP_PROXY',
      secret: true,
    }),
    max_raw_body_size: whole(1_048_576, 'Bytes of a package before compression; 0 means the default.', {
      env: 'ENV_DATAWAY_MAX_RAW_BODY_SIZE',
      zeroIsDefault: true,
      clamp: { min: 102_400, protectOnly: true },
    }),
    content_encoding: choice(['v2', 'v1'], 'v2', 'v2 is protobuf, v1 line protocol.', {
      env: 'ENV_DATAWAY_CONTENT_ENCODING',
    }),
    gzip: flag(true, 'Compresses packages.', { env: absent('ENV_DATAWAY_DISABLE_GZIP') }),
    max_idle_conns: whole(0, 'Idle connections in all; 0: 100.', { env: 'ENV_DATAWAY_MAX_IDLE_CONNS' }),
    max_idle_conns_per_host: whole(64, 'Idle connections for each DataWay.', {
      env: 'ENV_DATAWAY_MAX_IDLE_CONNS_PER_HOST',
    }),
    idle_timeout: time('90s', 'An idle connection is closed after this.', {
      env: 'ENV_DATAWAY_IDLE_TIMEOUT',
    }),
    drop_expired_package_at: time('12h', 'Packages that waited longer are dropped; 0 switches this off.', {
      env: 'ENV_DATAWAY_DROP_EXPIRED_PACKAGE_AT',
    }),
    enable_httptrace: flag(false, 'Measures the phases of requests.', {
      env: present('ENV_DATAWAY_ENABLE_HTTPTRACE'),
    }),
    tls_insecure: flag(false, 'Does not verify the certificate of the DataWay.', {
      env: present('ENV_DATAWAY_TLS_INSECURE'),
    }),
    enable_sinker: flag(false, 'Groups data by the tags of global_customer_keys.', {
      env: present('ENV_DATAWAY_ENABLE_SINKER'),
    }),
    global_customer_keys: texts([], 'Tags and fields that the sinker groups by.', {
      env: 'ENV_SINKER_GLOBAL_CUSTOMER_KEYS',
    }),
    ntp: group('The clock of the DataWay.', {
      enable: flag(true, 'Corrects times by the clock of the DataWay.', {
        env: absent('ENV_DATAWAY_DISABLE_NTP'),
      }),
      interval: time('5m', 'How often it is asked.', {
        env: 'ENV_DATAWAY_NTP_INTERVAL',
        clamp: { min: 60_000 },
      }),
      diff: time('30s', 'Smaller differences are left alone.', {
        env: 'ENV_DATAWAY_NTP_DIFF',
        clamp: { min: 5000 },
      }),
    }),
    wal: group('The disk queue in front of the DataWay.', {
      max_capacity_gb: decimal(2, 'Size for each category; when it is full, the newest package is dropped.', {
        env: 'ENV_DATAWAY_WAL_CAPACITY',
      }),
      path: text((facts) => `${facts.cacheDir}/dw-wal`, 'Its directory.', {
        env: 'ENV_DATAWAY_WAL_PATH',
        defaultText: 'cache/dw-wal in the work directory',
      }),
      no_pos: flag(false, 'Accepted, without effect: the read position is always stored.'),
      sync: choice(
        ['interval', 'always'],
        'interval',
        'interval: written before the answer, synced to the disk each second; always: synced before the answer.',
        {
          env: 'ENV_DATAWAY_WAL_SYNC',
        },
      ),
      workers: whole(
        0,
        'Accepted, without effect: one body of a category is under way at a time, in order.',
        {
          env: 'ENV_DATAWAY_WAL_WORKERS',
        },
      ),
      mem_cap: whole(0, 'Accepted, without effect: everything is on the disk before it is acknowledged.', {
        env: 'ENV_DATAWAY_WAL_MEM_CAPACITY',
      }),
      fail_cache_clean_interval: time(
        '30s',
        'Accepted, without effect: what failed stays in the queue and is tried again by itself.',
        {
          env: 'ENV_DATAWAY_WAL_FAIL_CACHE_CLEAN_INTERVAL',
        },
      ),
      no_drop_categories: texts(
        [],
        'Categories that wait instead of dropping when the queue is full, e.g. "L".',
        {
          env: 'ENV_DATAWAY_WAL_NO_DROP_CATEGORIES',
        },
      ),
    }),
  }),
  pipeline: group('Scripts that change points.', {
    ipdb_type: choice(
      ['iploc', 'geolite2'],
      'iploc',
      'Folder under data/ipdb whose MaxMind files (.mmdb) geoip() reads.',
      { env: 'ENV_IPDB' },
    ),
    ipdb_attr: tags('Names of these files, where not all of the folder count.'),
    remote_pull_interval: time('1m', 'How often scripts are pulled from the DataWay.', {
      clamp: { min: 10_000 },
    }),
    refer_table_url: text('', 'Address of the table for query_refer_table().', {
      env: 'ENV_REFER_TABLE_URL',
      secret: true,
    }),
    refer_table_pull_interval: time('5m', 'How often that table is pulled.', {
      env: 'ENV_REFER_TABLE_PULL_INTERVAL',
    }),
    use_sqlite: flag(false, 'Keeps that table in SQLite, on disk: data/reftable_sqlite.', {
      env: 'ENV_REFER_TABLE_USE_SQLITE',
    }),
    sqlite_mem_mode: flag(false, 'That SQLite lives in memory.', { env: 'ENV_REFER_TABLE_SQLITE_MEM_MODE' }),
    default_pipeline: tags('Script for each category where no other is named, e.g. logging = "x.p".', {
      env: 'ENV_PIPELINE_DEFAULT_PIPELINE',
    }),
    batch_timeout: time(
      '10s',
      'Most time that scripts may take for a batch of points; a script that needs more twice is suspended.',
      {
        clamp: { min: 100 },
      },
    ),
    disable_http_request_func: flag(false, 'Switches http_request() off.', {
      env: 'ENV_PIPELINE_DISABLE_HTTP_REQUEST_FUNC',
    }),
    http_request_host_whitelist: texts(
      [],
      'Hosts that http_request() may call, internal ones too. Where this list or the next one is not empty, nothing else may be called.',
      {
        env: 'ENV_PIPELINE_HTTP_REQUEST_HOST_WHITELIST',
      },
    ),
    http_request_cidr_whiltelist: texts(
      [],
      'Networks that http_request() may call, internal ones too (the key is spelled so).',
      {
        env: 'ENV_PIPELINE_HTTP_REQUEST_CIDR_WHITELIST',
      },
    ),
    http_request_disable_internal_net: flag(
      true,
      'Forbids http_request() to this machine and to private networks, but for what the two lists name.',
      {
        env: 'ENV_PIPELINE_HTTP_REQUEST_DISABLE_INTERNAL_NET',
      },
    ),
    offload: group('Runs scripts on other agents.', {
      receiver: text('datakit-http', 'Kind of the receivers.', { env: 'ENV_PIPELINE_OFFLOAD_RECEIVER' }),
      addresses: texts([], 'Receivers: http(s)://host:port. Empty: off.', {
        env: 'ENV_PIPELINE_OFFLOAD_ADDRESSES',
      }),
    }),
  }),
  election: group('One agent of many collects remote sources.', {
    enable: flag(false, 'Takes part in the election.', { env: present('ENV_ENABLE_ELECTION') }),
    namespace: text('default', 'Agents of one namespace elect one leader.', {
      env: gated('ENV_NAMESPACE', 'ENV_ENABLE_ELECTION'),
    }),
    enable_namespace_tag: flag(false, 'Adds the tag election_namespace.', {
      env: present('ENV_ENABLE_ELECTION_NAMESPACE_TAG', 'ENV_ENABLE_ELECTION'),
    }),
    node_whitelist: texts([], 'Hosts that may become leader; empty: all.', {
      env: gated('ENV_ELECTION_NODE_WHITELIST', 'ENV_ENABLE_ELECTION'),
    }),
    tags: tags('Tags of data from elected collectors. Without election these get global_host_tags.', {
      env: [
        { name: 'ENV_GLOBAL_ELECTION_TAGS', gate: 'ENV_ENABLE_ELECTION' },
        { name: 'ENV_GLOBAL_ENV_TAGS', gate: 'ENV_ENABLE_ELECTION', old: true },
      ],
    }),
  }),
  global_host_tags: tags(
    'Tags of all data of this host. Values may be $datakit_ip, $datakit_hostname or $datakit_id.',
    {
      env: ['ENV_GLOBAL_HOST_TAGS', { name: 'ENV_GLOBAL_TAGS', old: true }],
    },
  ),
  logging: group("The agent's own log.", {
    log: text((facts) => facts.logFile, 'File, or "stdout".', {
      env: 'ENV_LOG',
      defaultText: 'log/log in the work directory',
    }),
    gin_log: text((facts) => facts.ginLogFile, 'Log of HTTP requests: file, or "stdout".', {
      env: 'ENV_GIN_LOG',
      defaultText: 'log/gin.log in the work directory',
    }),
    level: choice(['info', 'debug', 'warn', 'error'], 'info', 'Least level that is written.', {
      env: 'ENV_LOG_LEVEL',
    }),
    disable_color: flag(false, 'No colours.', { env: 'ENV_DISABLE_LOG_COLOR' }),
    rotate: whole(32, 'MB before a new file is begun.', { env: 'ENV_LOG_ROTATE_SIZE_MB', clamp: { min: 1 } }),
    rotate_backups: whole(5, 'Old files that stay.', { env: 'ENV_LOG_ROTATE_BACKUP', clamp: { min: 0 } }),
  }),
  recorder: group('Writes fed points to files.', {
    enabled: flag(false, 'Records.', { env: 'ENV_ENABLE_RECORDER' }),
    path: text('', 'Directory; empty: recorder in the work directory.', { env: 'ENV_RECORDER_PATH' }),
    encoding: choice(['v2', 'v1'], 'v2', 'v2 is protobuf JSON (.pbjson), v1 line protocol (.lp).', {
      env: 'ENV_RECORDER_ENCODING',
    }),
    duration: time('30m', 'Stops after this time; 0 never.', { env: 'ENV_RECORDER_DURATION' }),
    inputs: texts([], 'Only these sources; empty: all.', { env: 'ENV_RECORDER_INPUTS' }),
    categories: texts([], 'Only these categories by full name; empty: all.', {
      env: 'ENV_RECORDER_CATEGORIES',
    }),
  }),
  resource_limit: group('Limits for the agent (a cgroup or Windows job; not on macOS).', {
    enable: flag(true, 'Applies the limits.'),
    cpu_cores: decimal(2, 'Processors that the agent may use; 0 or less means 2.'),
    mem_max_mb: whole(4096, 'Memory in MB; 0 or less: no limit.'),
    path: text('/datakit', 'Name of the cgroup.'),
    disable_oom: flag(false, 'The kernel does not end the agent for lack of memory.'),
  }),
} as const

/** The whole configuration; durations are ms. */
export type DatakitConfig = ValueOf<typeof SETTINGS>

/** Sections that the Go agent has and this one does not have yet: loaded, kept, named once. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  git_repos: 'configuration from git',
  confds: 'configuration from a central store',
  remote_job: 'remote jobs',
  dca: 'remote management (DCA)',
  apm_inject: 'APM injection',
  dk_upgrader: 'upgrade service',
  enable_pprof: 'Go profiling',
  pprof_listen: 'Go profiling',
  tracer: 'self-tracing',
}

/** ENV_* of those sections, by prefix. */
export const UNSUPPORTED_ENV: readonly string[] = [
  'ENV_GIT_',
  'ENV_CONFD_',
  'ENV_REMOTE_JOB_',
  'ENV_DCA_',
  'ENV_ENABLE_PPROF',
  'ENV_PPROF_LISTEN',
]
