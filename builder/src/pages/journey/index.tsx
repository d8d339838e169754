export { JourneyPage as Component } from '@/pages/journeys/JourneyPage';
