// The categories that scripts may create points in, by full or short name.
import type { Category } from '../../point/category.ts'

const CATEGORIES: Readonly<Record<string, Category>> = {
  L: 'logging',
  logging: 'logging',
  M: 'metric',
  metric: 'metric',
  T: 'tracing',
  tracing: 'tracing',
  R: 'rum',
  rum: 'rum',
  N: 'network',
  network: 'network',
  O: 'object',
  object: 'object',
  CO: 'custom_object',
  custom_object: 'custom_object',
  S: 'security',
  security: 'security',
  DT: 'dialtesting',
  dialtesting: 'dialtesting',
}

/** Undefined for every other name: nothing is created then. */
export const createdCategory = (name: string): Category | undefined =>
  Object.hasOwn(CATEGORIES, name) ? CATEGORIES[name] : undefined
