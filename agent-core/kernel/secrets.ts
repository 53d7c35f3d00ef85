// Masks secrets in text that leaves the agent: log lines, error messages, metrics, contract replies, bundles.

export const MASK = '(secret)'

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // DataWay tokens wherever they stand, then anything called a token or password in a query or an assignment.
  [/\b(?:tkn_|tokn_|token_)[A-Za-z0-9]{4,}/g, MASK],
  [/([?&](?:token|access_token|api_key|apikey|secret|password)=)[^&\s"'\\]+/gi, `$1${MASK}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*:)[^\s/@"']+@/gi, `$1${MASK}@`],
  [
    /((?:password|passwd|\bpass|pwd|secret|bearer_token|aes_key|access_key|\bsk|\bak|authorization)\\?["']?\s*[:=]\s*\\?["'])(?:[^"'\\]|\\(?!["']).)+/gi,
    `$1${MASK}`,
  ],
  [/(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/g, `$1${MASK}`],
]

/** Replaces tokens, passwords in URLs and assigned secrets by `(secret)`. Idempotent. */
export function maskSecrets(text: string): string {
  let out = text
  for (const [pattern, replacement] of PATTERNS) out = out.replace(pattern, replacement)
  return out
}
