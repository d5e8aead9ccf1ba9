import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication, INestApplicationContext, Logger } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { DoctorCheck } from '../config/doctor-checks.js';
import { gatewaysOf } from '../drain/websocket/gateways.js';
import type { RedisLink } from '../redis/redis-link.js';
import { REDIS_LINK } from '../runtime/redis-link.provider.js';
import { ownRequire } from '../system/own-require.js';
import { hasDefaultMetrics } from './checks/prom-client.check.js';
import { examineSession } from './checks/session.check.js';
import type { DoctorChannel } from './doctor.protocol.js';
import { doctorMessages } from './doctor.messages.js';
import { examine, WANTED } from './examine.js';
import type { Finding } from './finding.interface.js';
import { Inventory } from './inventory.js';
import { reportFindings } from './report-findings.js';

/** What the doctor examines, and where it reports. @internal */
export interface DoctorTerms {
  readonly checks: readonly DoctorCheck[];
  readonly workers: number;
  readonly channel: DoctorChannel;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Reports what is wrong with an application that is ready; later, what is wrong with its sessions, at its first request,
 * and with its Redis server, when that is known.
 *
 * @returns a function that returns what is wrong, as far as it is known then
 * @internal
 */
export async function examineApplication(
  app: INestApplicationContext,
  { checks, workers, channel, logger }: DoctorTerms,
): Promise<() => readonly Finding[]> {
  const known = new Map<DoctorCheck, readonly Finding[]>();
  const report = (...findings: readonly Finding[]): Promise<void> => {
    findings.forEach(({ check }) => known.set(check, []));
    findings.forEach(each => known.set(each.check, [...(known.get(each.check) ?? []), each]));
    return reportFindings(findings, channel, logger);
  };
  const findings = (): readonly Finding[] => [...known.values()].flat();
  if (checks.includes('redis-eviction')) {
    app
      .get<RedisLink | null>(REDIS_LINK, { strict: false })
      ?.memory.onEviction(
        ({ policy, limit }) => void report(doctorMessages.redisEviction(policy, limit)),
      );
  }
  if (workers < 2) {
    return findings;
  }
  if (checks.includes('session') && 'getHttpServer' in app) {
    onFirstRequest((app as INestApplication).getHttpServer() as Server, request => {
      const finding = examineSession(request);
      if (finding) {
        void report(finding);
      }
    });
  }
  await report(...examine(factsOf(app, workers), checks));
  return findings;
}

function factsOf(app: INestApplicationContext, workers: number): Parameters<typeof examine>[0] {
  const options = { strict: false };
  return {
    inventory: new Inventory(app.get(ModulesContainer, options).values(), WANTED),
    workers,
    engines: gatewaysOf(app as INestApplication).engines,
    socketAdapter: app.get(ApplicationConfig, options).getIoAdapter(),
    hasDefaultMetrics: hasDefaultMetrics(ownRequire().cache),
  };
}

/** Calls `look` with the first request when it has been answered, and then never again. */
function onFirstRequest(server: Server, look: (request: IncomingMessage) => void): void {
  server.once('request', (request: IncomingMessage, response: ServerResponse) => {
    response.once('close', () => look(request));
  });
}
