/** Which screen lives where, and who may open it (the API decides what they may see). */
import { createRouter, createWebHistory } from 'vue-router'
import { useSession } from '@/shared/session/sessionStore'

declare module 'vue-router' {
  interface RouteMeta {
    /** Open to people who are not signed in. */
    isPublic?: boolean
    /** For everybody, signed in or not: a page of its own, outside the console's frame. */
    isForEverybody?: boolean
    needs?: 'supervisor' | 'admin'
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'home', component: { render: () => null } },
    { path: '/sign-in', name: 'sign-in', component: () => import('@/features/session/SignInPage.vue'), meta: { isPublic: true } },
    { path: '/call', name: 'call', component: () => import('@/features/phone/CallPage.vue'), meta: { isForEverybody: true } },
    { path: '/work/:ticketId?', name: 'work', component: () => import('./pages/WorkspacePage.vue') },
    { path: '/tickets/:ticketId', name: 'ticket', component: () => import('./pages/TicketPage.vue') },
    { path: '/department', name: 'department', component: () => import('@/features/department/DepartmentPage.vue') },
    { path: '/queue', name: 'queue', component: () => import('@/features/queue/QueuePage.vue'), meta: { needs: 'supervisor' } },
    { path: '/wallboard', name: 'wallboard', component: () => import('./pages/WallboardPage.vue'), meta: { needs: 'supervisor' } },
    { path: '/calls', name: 'calls', component: () => import('@/features/calls/CallLogPage.vue'), meta: { needs: 'supervisor' } },
    { path: '/callbacks', name: 'callbacks', component: () => import('@/features/callbacks/CallbacksPage.vue'), meta: { needs: 'supervisor' } },
    { path: '/duty', name: 'duty', component: () => import('@/features/duty/DutyPage.vue') },
    { path: '/speech', name: 'speech', component: () => import('@/features/speech/SpeechPage.vue'), meta: { needs: 'supervisor' } },
    { path: '/people', name: 'people', component: () => import('@/features/people/PeoplePage.vue'), meta: { needs: 'admin' } },
    { path: '/:unknown(.*)*', redirect: '/' },
  ],
})

router.beforeEach(async (to) => {
  if (to.meta.isForEverybody) return true
  const session = useSession()
  await session.restoreOnce()
  if (!session.person) return to.meta.isPublic ? true : { name: 'sign-in', query: { to: to.fullPath } }
  if (to.meta.isPublic) return '/'
  if (to.name === 'home') return session.isSupervisor ? '/queue' : session.isHandler ? '/department' : '/work'
  if (to.meta.needs === 'supervisor' && !session.isSupervisor) return '/'
  if (to.meta.needs === 'admin' && !session.isAdmin) return '/'
  return true
})
