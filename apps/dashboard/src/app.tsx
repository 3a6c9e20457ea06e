import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router-dom';
import { AccountPage } from './account/account-page.tsx';
import { DevicePage } from './fleet/device-page.tsx';
import { FleetPage } from './fleet/fleet-page.tsx';
import { LogPage } from './log/log-page.tsx';
import { PeoplePage } from './people/people-page.tsx';
import { PersonPage } from './people/person-page.tsx';
import { createQueryClient } from './query-client.ts';
import { NewSchedulePage } from './schedules/new-schedule-page.tsx';
import { SchedulePage } from './schedules/schedule-page.tsx';
import { SchedulesPage } from './schedules/schedules-page.tsx';
import { RequireSession } from './session/require-session.tsx';
import { SignInPage } from './session/sign-in-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { PageFault } from './shell/page-fault.tsx';
import { Shell } from './shell/shell.tsx';
import { cssVariables, theme } from './theme.ts';

const queryClient = createQueryClient();
/** The same key is read by `public/scheme.js` before the first paint. */
const colorSchemes = localStorageColorSchemeManager({ key: 'latchkey-color-scheme' });

const router = createBrowserRouter([
  { path: '/sign-in', element: <SignInPage />, errorElement: <PageFault /> },
  {
    element: <RequireSession />,
    errorElement: <PageFault />,
    children: [
      {
        element: <Shell />,
        children: [
          {
            errorElement: <PageFault />,
            children: [
              { path: '/', element: <Navigate to="/log" replace /> },
              { path: '/log', element: <LogPage /> },
              { path: '/people', element: <PeoplePage /> },
              { path: '/people/:personId', element: <PersonPage /> },
              { path: '/schedules', element: <SchedulesPage /> },
              { path: '/schedules/+new', element: <NewSchedulePage /> },
              { path: '/schedules/:scheduleId', element: <SchedulePage /> },
              { path: '/fleet', element: <FleetPage /> },
              { path: '/fleet/:deviceId', element: <DevicePage /> },
              { path: '/account', element: <AccountPage /> },
              { path: '*', element: <NotFoundPage /> },
            ],
          },
        ],
      },
    ],
  },
]);

/** The whole page: providers around the routes. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={3} />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
