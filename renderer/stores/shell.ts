// What floats over the pages and can be opened from anywhere.
import { defineStore } from 'pinia'
import { ref } from 'vue'

export const useShell = defineStore('shell', () => {
  const palette = ref(false)
  const connect = ref(false)
  return {
    palette,
    connect,
    openPalette: () => void (palette.value = true),
    openConnect: () => void (connect.value = true),
  }
})
