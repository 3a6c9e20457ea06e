import { type HealthView, healthView } from '@latchkey/contracts';
import { Controller, Get, HttpStatus, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { HealthService } from './health.service.ts';

/** Is central ready? Public: load balancers and scripts ask without an account. */
@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  @Get()
  @ApiOkResponse({ standardSchema: healthView, description: 'Database, broker and ingest are ready.' })
  @ApiServiceUnavailableResponse({ standardSchema: healthView, description: 'One of them is not.' })
  async check(@Res({ passthrough: true }) response: Response): Promise<HealthView> {
    const health = await this.health.check();
    response.status(health.status === 'up' ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE);
    response.setHeader('Cache-Control', 'no-store');
    return health;
  }
}
