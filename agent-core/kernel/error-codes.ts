// The table of error codes: one area a block, each with message, remedy and whether a retry can help.

interface CodeEntry {
  readonly message: string
  readonly hint: string
  readonly retriable: boolean
}

const entry = (message: string, hint: string, retriable = false): CodeEntry => ({ message, hint, retriable })

export const ERROR_CODES = {
  // --- kernel
  KERNEL_BUG: entry('Unexpected error', 'This is a defect of the agent. Please report it with the log.'),
  KERNEL_CANCELLED: entry('Cancelled', 'The caller gave up; nothing was changed.', true),
  KERNEL_IO: entry('File operation failed', 'Check that the path exists and its permissions.', true),
  KERNEL_DISK_FULL: entry('The disk is full', 'Free some space; the agent goes on by itself.', true),
  KERNEL_READ_ONLY: entry('The file system is read-only', 'Choose a writable work directory with --workdir.'),
  KERNEL_LIMIT: entry(
    'A resource limit is not in force',
    'Limit the agent from outside (systemd, the container runtime), or set resource_limit.enable = false.',
  ),

  // --- config
  CONFIG_SYNTAX: entry('TOML syntax error', 'Correct the line; the other files are loaded.'),
  CONFIG_TYPE: entry('Wrong type', 'Give the value the type that is shown.'),
  CONFIG_VALUE: entry('Value not allowed', 'Use one of the allowed values.'),
  CONFIG_UNKNOWN_KEY: entry('Unknown setting', 'Remove it or correct its name.'),
  CONFIG_UNKNOWN_INPUT: entry('Unknown collector', 'Correct the name, or remove the section.'),
  CONFIG_DEPRECATED: entry('Old setting', 'Move it to its new place; it is still obeyed.'),
  CONFIG_UNSUPPORTED: entry('Known, not supported yet', 'The section is kept and ignored.'),
  CONFIG_DUPLICATE: entry('Duplicate file', 'Remove one of the two; the first one was loaded.'),
  CONFIG_SINGLETON: entry('Only one instance is allowed', 'Remove the other instance; the first one runs.'),
  CONFIG_DISABLED: entry('Switched off', 'Remove the leading "-" in default_enabled_inputs to switch it on.'),
  CONFIG_READ: entry('Cannot read', 'Check that the file exists and its permissions.', true),
  CONFIG_WRITE: entry('Cannot write', 'Check permissions and free space.', true),
  CONFIG_ENV: entry('Environment variable ignored', 'Correct its value.'),
  CONFIG_SECRET: entry('Cannot resolve ENC[...]', 'Check the key in [crypto] and the file it names.'),
  CONFIG_CLAMPED: entry('Interval out of range', 'Set protect_mode = false to obey the file.'),
  CONFIG_LOCAL_ONLY: entry(
    'No DataWay configured',
    'Data stays on this machine. Set dataway.urls to send it.',
  ),
  CONFIG_PLATFORM: entry('Not available on this system', 'Remove the section on this machine.'),

  // --- inputs
  INPUT_CRASHED: entry('Collector failed', 'See the error; it is restarted by itself.', true),
  INPUT_STOPPED: entry('Collector stopped after 6 failures', 'Correct the cause, then restart it.'),
  INPUT_SOURCE: entry('Cannot read the source', 'Check that the source exists and its permissions.', true),
  INPUT_LATE: entry('Collector does not answer', 'Its next rounds wait until this one ends.', true),
  INPUT_UNKNOWN: entry('No such collector instance', 'Reload the console: the configuration changed.'),
  INPUT_CLOCK_JUMP: entry('The clock jumped', 'Rates start anew with the next round.'),

  // --- point, filters
  POINT_LINE_PROTOCOL: entry('invalid line protocol', 'Correct the line.'),
  POINT_JSON: entry('invalid JSON point', 'Send an array of points.'),
  POINT_PROTOBUF: entry('invalid protobuf point', 'Send a PBPoints message.'),
  POINT_ENCODE: entry('Point cannot be encoded', 'Remove the value that the encoding cannot carry.'),
  FILTER_SYNTAX: entry('Filter rule does not parse', 'Correct the rule; only this rule is off.'),
  FILTER_SUSPENDED: entry(
    'Filter rules were stopped',
    'Write the regular expression so that it needs no nested or overlapping repetition.',
  ),

  // --- io, store
  IO_NO_CATEGORY: entry('Unknown category', 'Use one of the documented categories.'),
  IO_DATAWAY_URL: entry('Not a DataWay address', 'Write it as https://host?token=tkn_…'),
  IO_DATAWAY_UNREACHABLE: entry('DataWay does not answer', 'Check network, proxy and address.', true),
  IO_DATAWAY_REFUSED: entry('DataWay refused the data', 'Check the token and the message.'),
  IO_DATAWAY_LAGGING: entry(
    'A DataWay lags behind the others and its log was full',
    'Find out why it does not take the data, raise dataway.wal.max_capacity_gb, or remove the address.',
  ),
  IO_QUEUE_FULL: entry('The queue is full', 'The newest points were dropped and counted.', true),
  STORE_UNAVAILABLE: entry(
    'No local history',
    'node:sqlite is missing in this runtime; live values still work.',
  ),
  STORE_FAILED: entry(
    'The local store failed',
    'Check free space and permissions of the data directory.',
    true,
  ),
  STORE_BUSY: entry(
    'Another program has the local store open',
    'Stop the other agent of this work directory; the store goes on by itself.',
    true,
  ),
  STORE_CORRUPT: entry(
    'The local store was damaged',
    'History started anew; the kept file can be read with SQLite or deleted.',
  ),
  STORE_CARDINALITY: entry(
    'Too many series',
    'Charts leave these out; sending is not touched. Reduce the tag values of the measurement.',
  ),
  STORE_BEHIND: entry(
    'The local store cannot keep up',
    'The newest points are missing in local history; sending is not touched.',
    true,
  ),

  // --- wal
  WAL_OPEN: entry(
    'Cannot open the write-ahead log',
    'Check dataway.wal.path, its permissions and free space.',
    true,
  ),
  WAL_WRITE: entry('Cannot write the write-ahead log', 'Check permissions and free space.', true),
  WAL_FULL: entry(
    'The write-ahead log is full',
    'Raise dataway.wal.max_capacity_gb, or find out why the DataWay does not take the data.',
    true,
  ),

  // --- pipeline
  PIPELINE_SYNTAX: entry('Syntax error', 'Correct the script; the version before keeps running.'),
  PIPELINE_CHECK: entry('Script refused', 'Correct the script; the version before keeps running.'),
  PIPELINE_BUDGET: entry(
    'Script takes too long',
    'Look at its loops and patterns; the data goes on without it.',
  ),
  PIPELINE_LANE: entry('The script runner failed', 'See the log; it is started anew by itself.', true),
  PIPELINE_SUSPENDED: entry('Script suspended', 'Correct the script, or enable it again.'),
  PIPELINE_FILE: entry('Cannot read or write a script', 'Check the path and its permissions.', true),
  PIPELINE_REMOTE: entry(
    'Scripts could not be pulled',
    'Check the DataWay; those of before keep running.',
    true,
  ),
  PIPELINE_MISSING: entry('No such script', 'Reload the list: it was removed.'),
  PIPELINE_EXISTS: entry('A script of this name exists', 'Choose another name, or open that one.'),
  PIPELINE_CONFLICT: entry('The script was changed elsewhere', 'Reload it, then make your change again.'),
  PIPELINE_READ_ONLY: entry('This script cannot be edited here', 'Copy it into the default namespace.'),
  PIPELINE_NAME: entry('Not a script name', 'A script is called like nginx.p, without a directory.'),
  PIPELINE_REFER: entry(
    'Reference tables could not be taken',
    'Check pipeline.refer_table_url; the tables of before stay.',
    true,
  ),
  PIPELINE_GEO: entry(
    'Address database cannot be used',
    'Put GeoLite2-City.mmdb (and GeoLite2-ASN.mmdb for isp) into data/ipdb/<pipeline.ipdb_type>; it is read at once.',
  ),
  PIPELINE_HINT: entry('Probably not what is meant', 'See the note.'),

  // --- http, console
  HTTP_PORT_IN_USE: entry(
    'Port in use',
    'Stop the other program or change http_api.listen; the agent retries.',
    true,
  ),
  HTTP_LISTEN: entry('Cannot listen', 'Check http_api.listen.', true),
  HTTP_TLS: entry('TLS cannot be loaded', 'Check http_api.tls; the API stays closed until it loads.'),
  CONSOLE_UNKNOWN_METHOD: entry('Unknown method', 'Reload the console: its version differs from the agent.'),
  CONSOLE_BAD_ARGUMENTS: entry('Bad arguments', 'Reload the console: its version differs from the agent.'),
  CONSOLE_BAD_REPLY: entry('Bad reply', 'Reload the console: its version differs from the agent.'),
  CONSOLE_FORBIDDEN: entry('Not allowed', 'Open the console with the address that the agent printed.'),
  CONSOLE_DISCONNECTED: entry('The agent is not reachable', 'It reconnects by itself.', true),

  // --- cli
  CLI_USAGE: entry('Wrong usage', 'See --help.'),
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof ERROR_CODES
