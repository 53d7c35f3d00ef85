// The syntax tree. Every node carries its offsets; `start` is the place that error messages name, which for an
// attribute expression is the token behind it.
import type { Value } from './value.ts'

interface Node {
  readonly from: number
  readonly to: number
  readonly start: number
}

export interface Literal extends Node {
  readonly type: 'StringLiteral' | 'IntLiteral' | 'FloatLiteral' | 'BoolLiteral' | 'NilLiteral'
  readonly value: Value
}
export interface Identifier extends Node {
  readonly type: 'Identifier'
  readonly name: string
}
/** `base[e][e]`; base is absent in a json path that starts with `.[`. */
export interface IndexExpr extends Node {
  readonly type: 'IndexExpr'
  readonly base: Identifier | undefined
  readonly index: readonly Expr[]
}
/** `a.b[0].c`: a name or a path, never a value. */
export interface AttrExpr extends Node {
  readonly type: 'AttrExpr'
  readonly parts: readonly (Identifier | IndexExpr)[]
}
export interface SliceExpr extends Node {
  readonly type: 'SliceExpr'
  readonly object: Expr
  readonly first: Expr | undefined
  readonly end: Expr | undefined
  readonly step: Expr | undefined
}
export interface ListLiteral extends Node {
  readonly type: 'ListLiteral'
  readonly items: readonly Expr[]
}
export interface MapLiteral extends Node {
  readonly type: 'MapLiteral'
  readonly entries: readonly (readonly [Expr, Expr])[]
}
export interface ParenExpr extends Node {
  readonly type: 'ParenExpr'
  readonly inner: Expr
}
export interface UnaryExpr extends Node {
  readonly type: 'UnaryExpr'
  readonly operator: '-' | '+' | '!'
  readonly operand: Expr
}
export interface BinaryExpr extends Node {
  readonly type: 'ArithmeticExpr' | 'ConditionalExpr' | 'InExpr'
  readonly operator: string
  readonly operatorAt: number
  readonly left: Expr
  readonly right: Expr
}
/** A named argument of a function that knows no names: its value, which also becomes a variable. */
export interface AssignmentExpr extends Node {
  readonly type: 'AssignmentExpr'
  readonly name: string
  readonly value: Expr
}
export interface Argument {
  readonly name: string | undefined
  readonly nameAt: number
  readonly value: Expr
}
export interface CallExpr extends Node {
  readonly type: 'CallExpr'
  readonly name: string
  readonly arguments: readonly Argument[]
}

export type Expr =
  | Literal
  | Identifier
  | IndexExpr
  | AttrExpr
  | SliceExpr
  | ListLiteral
  | MapLiteral
  | ParenExpr
  | UnaryExpr
  | BinaryExpr
  | CallExpr
  | AssignmentExpr

export interface AssignStmt extends Node {
  readonly type: 'AssignStmt'
  readonly operator: string
  readonly operatorAt: number
  readonly targets: readonly Expr[]
  readonly values: readonly Expr[]
}
export interface Block {
  readonly from: number
  readonly to: number
  readonly statements: readonly Stmt[]
}
export interface IfStmt extends Node {
  readonly type: 'IfStmt'
  readonly branches: readonly { readonly condition: Expr; readonly body: Block }[]
  readonly otherwise: Block | undefined
}
export interface ForStmt extends Node {
  readonly type: 'ForStmt'
  readonly init: Stmt | undefined
  readonly condition: Expr | undefined
  readonly step: Stmt | undefined
  readonly body: Block
}
export interface ForInStmt extends Node {
  readonly type: 'ForInStmt'
  readonly variable: Identifier
  readonly iterable: Expr
  readonly body: Block
}
export interface JumpStmt extends Node {
  readonly type: 'BreakStmt' | 'ContinueStmt'
}
export interface ExprStmt extends Node {
  readonly type: 'ExprStmt'
  readonly expression: Expr
}
export type Stmt = AssignStmt | IfStmt | ForStmt | ForInStmt | JumpStmt | ExprStmt

/** The text of a key or path: `a.b[0].c`. */
export function pathText(node: Identifier | AttrExpr | IndexExpr): string {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'AttrExpr') return node.parts.map(pathText).join('.')
  return (node.base?.name ?? '.') + node.index.map((e) => `[${indexText(e)}]`).join('')
}

function indexText(node: Expr): string {
  if (node.type === 'StringLiteral') return JSON.stringify(node.value)
  return 'value' in node ? String(node.value) : node.type
}
