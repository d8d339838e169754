import { createBrowserRouter, Navigate } from 'react-router';
import { RouteError } from './RouteError';
import { Shell } from './Shell';
import { Waiting } from './Waiting';

/** Every page is a chunk of its own: a folder of `pages/` whose index exports `Component`. */
export const router = createBrowserRouter([
  {
    path: '/sign-in',
    lazy: () => import('@/pages/sign-in'),
    errorElement: <RouteError />,
    hydrateFallbackElement: <Waiting />,
  },
  {
    path: '/welcome/:token',
    lazy: () => import('@/pages/welcome'),
    errorElement: <RouteError />,
    hydrateFallbackElement: <Waiting />,
  },
  {
    path: '/',
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <Waiting />,
    children: [
      {
        errorElement: <RouteError />,
        children: [
          { index: true, element: <Navigate to="/workflows" replace /> },
          { path: 'workflows', lazy: () => import('@/pages/workflows') },
          { path: 'workflows/:ref', lazy: () => import('@/pages/workflow') },
          { path: 'workflows/:ref/:tab', lazy: () => import('@/pages/workflow') },
          { path: 'journeys', lazy: () => import('@/pages/journeys') },
          { path: 'journeys/:id', lazy: () => import('@/pages/journey') },
          { path: 'contacts', lazy: () => import('@/pages/contacts') },
          { path: 'contacts/:ref', lazy: () => import('@/pages/contact') },
          { path: 'segments', lazy: () => import('@/pages/segments') },
          { path: 'segments/:ref', lazy: () => import('@/pages/segment') },
          { path: 'templates', lazy: () => import('@/pages/templates') },
          { path: 'templates/:ref', lazy: () => import('@/pages/template') },
          { path: 'messages-inbox', lazy: () => import('@/pages/inbox') },
          { path: 'imports', lazy: () => import('@/pages/imports') },
          { path: 'events', lazy: () => import('@/pages/events') },
          { path: 'events/:name', lazy: () => import('@/pages/event') },
          { path: 'launches', lazy: () => import('@/pages/launches') },
          { path: 'explain', lazy: () => import('@/pages/explain') },
          { path: 'keys', lazy: () => import('@/pages/keys') },
          { path: 'settings', lazy: () => import('@/pages/settings') },
          { path: 'settings/:part', lazy: () => import('@/pages/settings') },
          { path: 'users', lazy: () => import('@/pages/users') },
          { path: '*', lazy: () => import('@/pages/nowhere') },
        ],
      },
    ],
  },
]);
