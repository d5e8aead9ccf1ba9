/** The exports of `@nestjs/terminus`, which is loaded on demand. @internal */
export type Terminus = typeof import('@nestjs/terminus');
