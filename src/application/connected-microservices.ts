import type { INestApplicationContext } from '@nestjs/common';
import { NestApplication } from '@nestjs/core';

interface HybridSteps {
  connectMicroservice?: (
    this: INestApplicationContext,
    ...args: unknown[]
  ) => INestApplicationContext;
}

/**
 * Calls `onConnected` with each microservice of a hybrid application, before it listens. Such a microservice usually
 * listens before its application has bootstrapped, so no other event is early enough.
 *
 * @param applications the class of applications with an HTTP server
 * @internal
 */
export function observeConnectedMicroservices(
  onConnected: (app: INestApplicationContext, microservice: INestApplicationContext) => void,
  applications: { readonly prototype: object } = NestApplication,
): void {
  const steps = applications.prototype as HybridSteps;
  const { connectMicroservice } = steps;
  if (!connectMicroservice) {
    return;
  }
  steps.connectMicroservice = function (this, ...args) {
    const microservice = connectMicroservice.apply(this, args);
    onConnected(this, microservice);
    return microservice;
  };
}
