import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Hands a handler's error to {@link LatchkeyMqttStrategy} as it is; Nest's own filter would replace it by "Internal server
 * error", and an unreachable database could not be told from a bug. For `@UseFilters(LinkExceptionFilter)` on MQTT controllers.
 */
@Catch()
export class LinkExceptionFilter implements RpcExceptionFilter<unknown> {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
