// The two IPC channels between the console page and main. Both carry (load id, message).

export const FROM_CONSOLE = 'console:from'
export const TO_CONSOLE = 'console:to'
