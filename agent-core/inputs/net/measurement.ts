// What the net collector emits: a point an interface, and on Linux one with the protocol counters of all interfaces.
import type { FieldInfo, MeasurementInfo } from '../../point/measurement.ts'

const LINUX: readonly NodeJS.Platform[] = ['linux']
const counter = (unit: string, desc: string): FieldInfo => ({ type: 'uint', unit, desc })
const rate = (unit: string, desc: string): FieldInfo => ({ type: 'int', unit, desc })
const protocol = (unit: string, desc: string): FieldInfo => ({ type: 'int', unit, desc, platforms: LINUX })

export const netMeasurement: MeasurementInfo = {
  name: 'net',
  category: 'metric',
  desc: 'Traffic of each network interface that is up. Counters run since boot.',
  tags: { interface: 'Name of the interface; all for the protocol counters.' },
  fields: {
    bytes_sent: counter('B', 'Bytes sent.'),
    bytes_recv: counter('B', 'Bytes received.'),
    packets_sent: counter('count', 'Packets sent; on Windows unicast only.'),
    packets_recv: counter('count', 'Packets received; on Windows unicast only.'),
    err_in: counter('count', 'Errors when receiving.'),
    err_out: counter('count', 'Errors when sending.'),
    drop_in: counter('count', 'Received packets dropped; always 0 on macOS.'),
    drop_out: counter('count', 'Packets to send dropped.'),
    'bytes_sent/sec': rate('B/s', 'Bytes sent a second since the last round.'),
    'bytes_recv/sec': rate('B/s', 'Bytes received a second since the last round.'),
    'packets_sent/sec': rate('count/s', 'Packets sent a second since the last round.'),
    'packets_recv/sec': rate('count/s', 'Packets received a second since the last round.'),
    tcp_rtoalgorithm: protocol('', 'TCP: number of the retransmission algorithm.'),
    tcp_rtomin: protocol('ms', 'TCP: shortest retransmission time-out.'),
    tcp_rtomax: protocol('ms', 'TCP: longest retransmission time-out.'),
    tcp_maxconn: protocol('count', 'TCP: limit of connections, -1 without one.'),
    tcp_activeopens: protocol('count', 'TCP: connections opened from here.'),
    tcp_passiveopens: protocol('count', 'TCP: connections opened from elsewhere.'),
    tcp_attemptfails: protocol('count', 'TCP: attempts that failed.'),
    tcp_estabresets: protocol('count', 'TCP: connections that were reset.'),
    tcp_currestab: protocol('count', 'TCP: connections open now.'),
    tcp_insegs: protocol('count', 'TCP: segments received.'),
    tcp_outsegs: protocol('count', 'TCP: segments sent.'),
    tcp_retranssegs: protocol('count', 'TCP: segments sent again.'),
    tcp_inerrs: protocol('count', 'TCP: bad segments received.'),
    tcp_outrsts: protocol('count', 'TCP: resets sent.'),
    tcp_incsumerrors: protocol('count', 'TCP: segments with a wrong checksum.'),
    udp_indatagrams: protocol('count', 'UDP: datagrams delivered.'),
    udp_noports: protocol('count', 'UDP: datagrams to a port that nobody listens on.'),
    udp_inerrors: protocol('count', 'UDP: datagrams that could not be delivered.'),
    udp_outdatagrams: protocol('count', 'UDP: datagrams sent.'),
    udp_rcvbuferrors: protocol('count', 'UDP: dropped because the receive buffer was full.'),
    udp_sndbuferrors: protocol('count', 'UDP: not sent because the send buffer was full.'),
    udp_incsumerrors: protocol('count', 'UDP: datagrams with a wrong checksum.'),
    udp_ignoredmulti: protocol('count', 'UDP: ignored multicast datagrams.'),
    udp_memerrors: protocol('count', 'UDP: dropped for want of memory.'),
    'tcp_insegs/sec': protocol('count/s', 'TCP: segments received a second since the last round.'),
    'tcp_outsegs/sec': protocol('count/s', 'TCP: segments sent a second since the last round.'),
    'udp_indatagrams/sec': protocol('count/s', 'UDP: datagrams delivered a second since the last round.'),
    'udp_outdatagrams/sec': protocol('count/s', 'UDP: datagrams sent a second since the last round.'),
  },
}
