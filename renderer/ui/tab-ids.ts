// Ids that tie a tab to its panel.
export const tabId = (name: string, id: string): string => `${name}-tab-${id}`
export const panelId = (name: string, id: string): string => `${name}-panel-${id}`
