// Runs a child in the foreground: its output is ours, signals reach it once, its code becomes ours.
import { spawn } from 'node:child_process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const ORPHAN_CHECK_MS = 500
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGKILL: 9 }

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} its exit code, or 128 + the signal that ended it
 */
export function runToEnd(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options })
    const passed = new Set()
    const pass = (signal) => {
      // A terminal signals the whole foreground group: the child has its own already.
      if (passed.has(signal) || (signal === 'SIGINT' && process.stdin.isTTY)) return
      passed.add(signal)
      child.kill(signal)
    }
    for (const signal of SIGNALS) process.on(signal, pass)
    // npm passes a signal to its shell, and some shells die of it without a word to us.
    const parent = process.ppid
    const orphaned = setInterval(() => process.ppid !== parent && pass('SIGTERM'), ORPHAN_CHECK_MS)
    const end = (code) => {
      clearInterval(orphaned)
      for (const signal of SIGNALS) process.off(signal, pass)
      resolve(code)
    }
    child.on('error', (error) => {
      console.error(`${command} cannot be started: ${error.message}`)
      end(127)
    })
    child.on('exit', (code, signal) => end(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)))
  })
}
