/** Entry of the console: stores, languages, routes, then the frame. */
import 'element-plus/theme-chalk/base.css'
import './theme.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { i18n } from '@/shared/i18n'
import ConsoleApp from './ConsoleApp.vue'
import { router } from './router'

createApp(ConsoleApp).use(createPinia()).use(i18n).use(router).mount('#app')
