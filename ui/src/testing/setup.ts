// Component tests look like the pages: same styles, so that what is hidden or out of sight is so
// here.
import '../elements.css';
