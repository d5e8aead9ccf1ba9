import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClusterModule, SharedState } from 'nestjs-cluster';

export interface OpenState {
  readonly state: SharedState;
  close(): Promise<void>;
}

/**
 * The shared state in a script, which is an application in single mode (`CLUSTER_WORKERS=0`).
 *
 * @param redis without it, the state is in the memory of this process
 */
export async function openState(redis?: string): Promise<OpenState> {
  @Module({ imports: [ClusterModule.forRoot(redis === undefined ? {} : { redis })] })
  class StateModule {}

  const app = await NestFactory.createApplicationContext(StateModule, {
    logger: ['fatal', 'error', 'warn'],
  });
  return { state: app.get(SharedState), close: () => app.close() };
}
