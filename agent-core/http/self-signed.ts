// A certificate for 127.0.0.1 that signs itself, for tests of TLS: X.509 v3 in DER, ECDSA P-256 with SHA-256.
//
//   Certificate    SEQUENCE { tbs, algorithm, BIT STRING signature(tbs) }
//   tbs            SEQUENCE { [0] { version 2 }, serial, algorithm, issuer, validity, subject, SPKI, [3] extensions }
import { generateKeyPairSync, sign } from 'node:crypto'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const utcTime = (year: number): Buffer => der(0x17, Buffer.from(`${year % 100}0101000000Z`))

const ECDSA_SHA256 = sequence(der(0x06, hex('2a8648ce3d040302')))
const NAME = sequence(der(0x31, sequence(der(0x06, hex('550403')), der(0x0c, Buffer.from('datakit test')))))
/** subjectAltName: IP 127.0.0.1. */
const EXTENSIONS = der(
  0xa3,
  sequence(sequence(der(0x06, hex('551d11')), der(0x04, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))))),
)

/** PEM texts. */
export function selfSigned(): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA_SHA256,
    NAME,
    sequence(utcTime(2020), utcTime(2049)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    EXTENSIONS,
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', tbs, privateKey)])
  const bytes = sequence(tbs, ECDSA_SHA256, der(0x03, signature))
  const lines = bytes.toString('base64').match(/.{1,64}/g)!
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
