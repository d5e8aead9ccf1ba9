import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

const MAX = 60_000;

/** Parses a query parameter as a whole number of milliseconds, up to one minute. */
@Injectable()
export class MillisecondsPipe implements PipeTransform<unknown, number> {
  transform(value: unknown): number {
    if (typeof value === 'string' && /^\d{1,5}$/.test(value) && Number(value) <= MAX) {
      return Number(value);
    }
    const got = value === undefined ? 'nothing' : JSON.stringify(value);
    throw new BadRequestException(
      `ms takes a whole number of milliseconds from 0 to ${MAX}; got ${got}`,
    );
  }
}
