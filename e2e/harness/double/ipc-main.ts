// Double of `ipcMain`: events with the frame that Chromium says sent them.
import { EventEmitter } from 'node:events'
import type { FrameFacts } from '../wire.ts'
import { guarded } from './line.ts'
import { publicUrl } from './session.ts'
import type { WebContents } from './web-contents.ts'

interface IpcMessage {
  readonly channel: string
  readonly args: unknown[]
  readonly frame: FrameFacts
}

const TRUSTED_FRAME = { url: 'app://console/', parent: null }

class IpcMain extends EventEmitter {
  receive(sender: WebContents, { channel, args, frame }: IpcMessage): void {
    this.emit(channel, eventOf(sender, frame), ...args)
  }

  /** Without the sender guard every event looks like one of a page of ours: main cannot refuse it. */
  override emit(channel: string, ...args: unknown[]): boolean {
    const [event, ...rest] = args
    if (guarded('sender') || typeof event !== 'object') return super.emit(channel, ...args)
    return super.emit(channel, { ...event, senderFrame: TRUSTED_FRAME }, ...rest)
  }
}

function eventOf(sender: WebContents, frame: FrameFacts): object {
  const parent = frame.top ? null : { url: sender.getURL(), parent: null }
  return { sender, senderFrame: { url: publicUrl(frame.url), parent } }
}

export const ipcMain = new IpcMain()
