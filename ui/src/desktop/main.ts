// The desktop window.
import '../elements.css';
