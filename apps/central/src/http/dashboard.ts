import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { isRead } from './methods.ts';

/** Files whose name holds a hash of their content never change (Vite puts them into `assets/`). */
const immutable = /[\\/]assets[\\/]/;

/**
 * Serves the built dashboard: its files, and its `index.html` for every address that is a view of the single-page
 * application. Addresses below `/api`, and those that look like a file, are left to the routes.
 */
export function serveDashboard(app: NestExpressApplication, folder: string): void {
  app.useStaticAssets(folder, {
    index: 'index.html',
    setHeaders: (response: Response, file: string) => {
      response.setHeader('Cache-Control', immutable.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!isRead(request.method) || !isView(request.path)) return next();
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile(join(folder, 'index.html'), (error) => {
      if (error) next(error);
    });
  });
}

function isView(path: string): boolean {
  return !/^\/api(\/|$)/i.test(path) && !/\.[^/]+$/.test(path);
}
